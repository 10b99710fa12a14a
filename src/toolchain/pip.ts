import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asset } from '../assets.ts';
import type { Interpreter } from '../report/model.ts';
import type { PrivatePip, ToolContext } from './context.ts';
import { runTool, type ToolResult, toolProblem } from './exec.ts';
import { fetchLocked } from './fetchLocked.ts';
import { installOnce } from './installOnce.ts';
import { lockDigest, lockedTool, lockPath } from './lockFile.ts';
import { cacheRoot } from './paths.ts';
import { ownToolEnvironment } from './toolEnvironment.ts';

const HINT = "exitproof's own tools come from the index that pip is set to: it must carry them too.";
const NO_PIP_HINT =
  'Install pip for this Python (the packages python3-pip or python3-venv), or name an index by PIP_INDEX_URL.';

/**
 * pip of the locked version, run by the project's interpreter from a folder of exitproof's own. Where the user's
 * configuration of pip is plain it is fetched from the index that it names, else by whatever pip is at hand: it alone
 * decides which index is asked.
 */
export async function privatePip(interpreter: Interpreter, context: ToolContext): Promise<PrivatePip> {
  const { version, hashes } = lockedTool('pip', 'pip', interpreter.version);
  const folder = join(cacheRoot(context.env), 'tools', `pip-${version}-${lockDigest('pip')}`);
  const download = async (part: string): Promise<void> => {
    const args = ['download', '-r', lockPath('pip'), '-d', part, ...LOCKED];
    const what = `Fetching pip ${version}`;
    const ask = (asked: readonly string[]) => askUsersPip(interpreter, asked, context, what);
    const own = await ask(args);
    if (own.exitCode === 0) return;
    // One that runs has told what is wrong with the index.
    if ((await ask(['--version'])).exitCode === 0) throw toolProblem(own, what, HINT);
    const seed = await bundledPip(interpreter, context);
    const fetch = [asset('locks', 'fetch_wheel.py'), 'pip', version, part, ...hashes];
    if (seed === null) await runOwn(interpreter, fetch, context, what, NO_PIP_HINT);
    else await runOwn(interpreter, [seed, ...args], context, what);
  };
  await installOnce(folder, async (part) => {
    if (!(await fetchLocked('pip', interpreter, { folder: part, pip: null }, context))) await download(part);
    await unpackWheels(interpreter, part, context);
  });
  return { path: join(folder, 'pip'), version };
}

/** Runs the pip that the interpreter has, where it has one: it is there before the private one is. */
export async function askUsersPip(
  interpreter: Interpreter,
  args: readonly string[],
  context: ToolContext,
  what: string,
): Promise<ToolResult> {
  const env = ownToolEnvironment(context.env);
  return runTool({ tool: interpreter.path, args: ['-I', '-m', 'pip', ...args], env }, context, what);
}

/** Wheels of the lock and nothing else, whatever the user's own packages need. */
export const LOCKED: readonly string[] = ['--no-deps', '--require-hashes', '--only-binary', ':all:'];

/** Runs one of exitproof's own installations; `args` follow `PYTHON -I`. */
export async function runOwn(
  interpreter: Interpreter,
  args: readonly string[],
  context: ToolContext,
  what: string,
  hint = HINT,
): Promise<void> {
  const command = { tool: interpreter.path, args: ['-I', ...args], env: ownToolEnvironment(context.env) };
  const result = await runTool(command, context, what);
  if (result.exitCode !== 0) throw toolProblem(result, what, hint);
}

/** Unpacked, a tool starts a third faster than from its wheel: its byte code is kept. */
export async function unpackWheels(
  interpreter: Interpreter,
  folder: string,
  context: ToolContext,
  into = folder,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.whl')) continue;
    const wheel = join(folder, name);
    await runOwn(interpreter, ['-m', 'zipfile', '-e', wheel, into], context, `Unpacking ${name}`);
    await rm(wheel);
  }
}

/** The path of the pip in the wheel that the interpreter or its distribution carries for new environments. */
async function bundledPip(interpreter: Interpreter, context: ToolContext): Promise<string | null> {
  const env = ownToolEnvironment(context.env);
  const ask = (args: readonly string[]) =>
    runTool({ tool: interpreter.path, args: ['-I', ...args], env }, context, 'Looking for a pip');
  const bundled = await ask(['-c', BUNDLED]);
  const folders = [...bundled.stdout.split('\n'), '/usr/share/python-wheels'];
  for (const folder of folders.filter((line) => line !== '' && existsSync(line))) {
    const wheel = (await readdir(folder)).find((name) => /^pip-[^-]+-py[^-]*-none-any\.whl$/.test(name));
    if (wheel === undefined) continue;
    const runnable = join(folder, wheel, 'pip');
    if ((await ask([runnable, '--version'])).exitCode === 0) return runnable;
  }
  return null;
}

const BUNDLED = `
import importlib.util, os
spec = importlib.util.find_spec("ensurepip")
if spec and spec.origin:
    print(os.path.join(os.path.dirname(spec.origin), "_bundled"))
`;
