import type { Builder } from './builder.ts';
import type { BuilderName } from './layoutsOf.ts';
import { pexBuilder } from './pexBuilder.ts';

const ALL: Readonly<Partial<Record<BuilderName, Builder>>> = { pex: pexBuilder };

export function builderOf(name: BuilderName): Builder {
  const found = ALL[name];
  if (found === undefined) throw new Error(`no builder ${name}`);
  return found;
}
