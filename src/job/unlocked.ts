import { readFile } from 'node:fs/promises';
import type { BuildPlan, Wheelhouse } from '../build/model.ts';
import { unpinnedNames } from '../build/requirements.ts';
import type { Environment } from '../toolchain/paths.ts';
import { lockInWords, UNLOCKED } from './names.ts';
import { shownPath } from './paths.ts';

/** For a build in which tomorrow other versions may be: why that is so, in words; null for any other. */
export async function unlockedNotice(
  plan: BuildPlan,
  wheels: Wheelhouse,
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Promise<string | null> {
  const { lock } = plan;
  const isConstrained = (env['PIP_CONSTRAINT'] ?? '') !== '';
  if (lockInWords(plan, wheels, cwd) === UNLOCKED) {
    return 'unlocked: no lock or requirements file, so the newest fitting dependencies are built in.';
  }
  if (lock.kind !== 'requirements' || isConstrained) return null;
  const [first, ...others] = unpinnedNames(await readFile(lock.path, 'utf8'));
  if (first === undefined) return null;
  const named = others.length === 0 ? first : `${first} and ${others.length} more`;
  return `${shownPath(lock.path, cwd)} gives ${named} no exact version, so the newest that fits is built in.`;
}
