import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';

/** The interpreter that a layout is tied to: the one below any virtual environment. */
export interface BaseInterpreter {
  /** Absolute, links resolved. */
  readonly python: string;
  readonly home: string;
  readonly version: string;
  readonly implementation: string;
  /** `cpython-313t-x86_64-linux-gnu`: what compiled modules are named after. Empty where it can't tell. */
  readonly soabi: string;
}

/** Without a teardown: the packager's own may be what stalls. */
const ASK = `
import json, os, platform, sys
base = getattr(sys, "_base_executable", None) or sys.executable
try:
    import sysconfig
    soabi = sysconfig.get_config_var("SOABI") or ""
except Exception:
    soabi = ""
print(json.dumps({
    "python": os.path.realpath(base),
    "version": platform.python_version(),
    "implementation": platform.python_implementation(),
    "soabi": soabi,
}), flush=True)
os._exit(0)
`;

const answerSchema = v.object({
  python: v.string(),
  version: v.string(),
  implementation: v.string(),
  soabi: v.string(),
});

/** Milliseconds; a first start from a slow disk can take seconds. */
const LIMIT = 30_000;

type Asking = Partial<Pick<ToolContext, 'env' | 'cancel'>>;

/** Asks `python`, which may be a shim, a link or a virtual environment's. Throws a settings problem if it can't run. */
export async function baseInterpreter(python: string, asking: Asking = {}): Promise<BaseInterpreter> {
  try {
    return await ask(python, ['-I'], asking);
  } catch (cause) {
    throw problem('settings', `the interpreter ${python} can't be run`, { cause });
  }
}

/** Asks a venv layout, which stays as it is: nothing of what is installed in it runs, and no byte code is written. */
export function layoutInterpreter(folder: string, asking: Asking): Promise<BaseInterpreter> {
  return ask(join(folder, 'bin', 'python'), ['-I', '-S', '-B'], asking);
}

/** The one that a PEX file's own boot picks in that environment; null where it gives no answer. */
export async function pexInterpreter(pex: string, { env, cancel }: Asking): Promise<BaseInterpreter | null> {
  return ask(pex, [], { env: { ...env, PEX_INTERPRETER: '1' }, ...(cancel && { cancel }) }).catch(() => null);
}

async function ask(
  program: string,
  options: readonly string[],
  { env = process.env, cancel }: Asking,
): Promise<BaseInterpreter> {
  const { stdout } = await promisify(execFile)(program, [...options, '-c', ASK], {
    env: { ...env },
    timeout: LIMIT,
    killSignal: 'SIGKILL',
    ...(cancel && { signal: cancel }),
  });
  const answer = v.parse(answerSchema, JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
  return { ...answer, home: dirname(answer.python) };
}

/** As the report names it. */
export function interpreterRecord({ python, version, implementation }: BaseInterpreter): Interpreter {
  return { path: python, version, implementation };
}

/** `cpython-313t` of `cpython-313t-x86_64-linux-gnu`: it tells builds of one X.Y apart, but no systems. */
export function abiTag(soabi: string): string {
  return soabi.split('-').slice(0, 2).join('-');
}

/** X.Y of X.Y.Z. */
export function shortVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
