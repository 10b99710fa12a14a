import { dirname } from 'node:path';
import type { Pinned } from '../packageIndex/choose.ts';
import { fetchPinned, type Told } from '../packageIndex/fetchPinned.ts';
import { pipOptions } from '../packageIndex/pipOptions.ts';
import { type Places, placesOf } from '../packageIndex/places.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from './context.ts';
import { runTool } from './exec.ts';
import { type LockName, lockedFor } from './lockFile.ts';
import type { Environment } from './paths.ts';
import { ownToolEnvironment } from './toolEnvironment.ts';

/** Where this interpreter's pip looks for packages; null where only pip can tell. */
export function placesFor(interpreter: Interpreter, env: Environment): Places | null {
  return placesOf(pipOptions(env, dirname(dirname(interpreter.path))), env);
}

/**
 * The wheels of a lock of exitproof's own, straight from the index, into `folder`. False where pip has to fetch them; then
 * some may lie there.
 */
export async function fetchLocked(
  lock: LockName,
  interpreter: Interpreter,
  { folder, told }: { readonly folder: string; readonly told: () => Promise<Told> },
  context: ToolContext,
): Promise<boolean> {
  const env = ownToolEnvironment(context.env);
  const places = placesFor(interpreter, env);
  // Whoever has no pip of any kind has chosen no index by having it.
  if (places === null || !(places.areNamed || (await hasPip(interpreter, context)))) return false;
  const pinned = lockedFor(lock, interpreter.version).map(
    ({ name, version, hashes }): Pinned => ({ name, version, sha256: hashes, marker: null }),
  );
  const asked = told();
  asked.catch(() => {});
  const have = async (): Promise<boolean> => false;
  const what = `Fetching ${pinned.map(({ name, version }) => `${name} ${version}`).join(', ')}`;
  const { left } = await fetchPinned({ pinned, places, folder, told: asked, have, what, context });
  return left.length === 0;
}

const known = new Map<string, Promise<boolean>>();

/** Of its own, or one to make environments with. */
function hasPip(interpreter: Interpreter, context: ToolContext): Promise<boolean> {
  const answer = known.get(interpreter.path) ?? findPip(interpreter, context);
  known.set(interpreter.path, answer);
  return answer;
}

async function findPip(interpreter: Interpreter, context: ToolContext): Promise<boolean> {
  const question =
    'import sys, importlib.util as u; sys.exit(not any(map(u.find_spec, ["pip", "ensurepip"])))';
  const command = {
    tool: interpreter.path,
    args: ['-I', '-c', question],
    env: ownToolEnvironment(context.env),
  };
  return (await runTool(command, context, 'Looking for a pip')).exitCode === 0;
}
