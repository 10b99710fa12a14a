import type { Builder } from './builder.ts';
import type { BuilderName } from './layoutsOf.ts';
import { pexBuilder } from './pexBuilder.ts';
import { pyinstallerBuilder } from './pyinstaller.ts';
import { shivBuilder } from './shiv.ts';
import { zipappBuilder } from './zipapp.ts';

const ALL: Readonly<Record<BuilderName, Builder>> = {
  pex: pexBuilder,
  shiv: shivBuilder,
  zipapp: zipappBuilder,
  pyinstaller: pyinstallerBuilder,
};

export function builderOf(name: BuilderName): Builder {
  return ALL[name];
}
