import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { Environment } from './paths.ts';
import { toolEnvironment } from './toolEnvironment.ts';

const run = promisify(execFile);

/** Only what every Python from 2.7 understands, so that one that is too old can be named. */
const QUESTION = `
import json, platform, sys
try:
    import sysconfig
    soabi = sysconfig.get_config_var("SOABI") or ""
    plat = sysconfig.get_platform()
except Exception:
    soabi, plat = "", ""
print(json.dumps({
    "path": sys.executable,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "implementation": platform.python_implementation(),
    "soabi": soabi,
    "platform": plat,
}))
`;

const answer = v.object({
  path: v.pipe(v.string(), v.minLength(1)),
  version: v.string(),
  implementation: v.string(),
  soabi: v.string(),
  platform: v.string(),
});

export type ProbedInterpreter = v.InferOutput<typeof answer>;

/** Milliseconds; a first start from a slow disk can take seconds. */
const LIMIT = 20_000;

interface Asking {
  readonly env?: Environment;
  readonly cancel?: AbortSignal;
}

/**
 * What an interpreter says of itself, `path` being the real executable behind a shim.
 * Null for what isn't a Python that runs: a pyenv shim without a version exits with 127.
 */
export async function probeInterpreter(path: string, asking: Asking = {}): Promise<ProbedInterpreter | null> {
  // `-I` came with 3.4; a 2.7 is asked without, only to be able to say that it is too old.
  return (await ask(path, ['-I'], asking)) ?? ask(path, ['-E', '-s'], asking);
}

/** What tells one build of a version from another: `3.12.1 (main, Feb  4 2025, 14:48:35) [GCC 13.3.0]`. */
export async function interpreterBuild(path: string): Promise<string> {
  const question = 'import sys; print(sys.version)';
  const limits = { timeout: LIMIT, killSignal: 'SIGKILL' } as const;
  const asked = run(path, ['-I', '-c', question], { env: toolEnvironment(process.env), ...limits });
  // Whoever builds with it will say why it doesn't run.
  const { stdout } = await asked.catch(() => ({ stdout: 'unknown' }));
  return stdout.trim().replaceAll(/\s+/g, ' ');
}

async function ask(
  path: string,
  options: readonly string[],
  { env = process.env, cancel }: Asking,
): Promise<ProbedInterpreter | null> {
  try {
    const { stdout } = await run(path, [...options, '-c', QUESTION], {
      env: toolEnvironment(env),
      timeout: LIMIT,
      killSignal: 'SIGKILL',
      ...(cancel && { signal: cancel }),
    });
    return v.parse(answer, JSON.parse(stdout));
  } catch {
    return null;
  }
}
