import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PrivatePip, ToolContext } from '../toolchain/context.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import { bridgedIndexes, hasLogin, isPrivate, uvIndexes } from './indexes.ts';
import type { Lock } from './model.ts';
import { type PipIndexes, pipIndexes } from './pipSettings.ts';
import type { ExportedLock } from './pylock.ts';
import { readToml } from './pyproject.ts';
import type { WheelPlan, Workshop } from './workshop.ts';

/** Where the locked files are asked for: from the indexes of the lock, with the logins that pip or uv would use. */
export async function bridge(
  workshop: Workshop,
  lock: Lock,
  exported: ExportedLock,
): Promise<Readonly<Record<string, string>>> {
  const { plan, context, pip } = workshop;
  const { indexes } = exported;
  // What pip is set to may be a mirror of the public index; another index is meant as it stands.
  if (lock.kind === 'pylock' && !indexes.some(isPrivate)) return {};
  // `env` may name the project's own index over what pip is set to.
  const asked = pipCommand(plan, pip, toolEnvironment(context.env));
  const own = indexes.some(isPrivate) ? await pipIndexes(asked, context) : { index: null, extra: [] };
  if (lock.kind === 'pylock' && own.index !== null) return {};
  const known = uvIndexesOf(lock, context).map(({ url }) => url);
  return bridgedIndexes(indexes, [...known.filter(hasLogin), ...namedBy(own)]);
}

/** All indexes that pip is set to. */
export const namedBy = ({ index, extra }: PipIndexes) => (index === null ? extra : [index, ...extra]);

/** Runs the private pip. */
export function pipCommand(
  { interpreter }: WheelPlan,
  pip: PrivatePip,
  env: Readonly<Record<string, string>>,
) {
  return { tool: interpreter.path, args: ['-I', pip.path], env };
}

/** What uv knows of indexes where it has made the lock. */
export function uvIndexesOf(lock: Lock, { env }: ToolContext): ReturnType<typeof uvIndexes> {
  if (lock.kind !== 'uv') return [];
  const manifest = join(dirname(lock.path), 'pyproject.toml');
  return uvIndexes(existsSync(manifest) ? readToml(manifest) : {}, env);
}
