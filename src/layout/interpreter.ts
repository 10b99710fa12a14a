import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { problem } from '../problem.ts';

/** The interpreter that a layout is tied to: the one below any virtual environment. */
export interface BaseInterpreter {
  /** Absolute, links resolved. */
  readonly python: string;
  readonly home: string;
  readonly version: string;
  readonly implementation: string;
}

const ASK = `
import json, os, platform, sys
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({
    "python": os.path.realpath(base),
    "version": platform.python_version(),
    "implementation": platform.python_implementation(),
}))
`;

const answerSchema = v.object({ python: v.string(), version: v.string(), implementation: v.string() });

/** Asks `python`, which may be a shim, a link or a virtual environment's. Throws a settings problem if it can't run. */
export async function baseInterpreter(python: string): Promise<BaseInterpreter> {
  try {
    const { stdout } = await promisify(execFile)(python, ['-I', '-c', ASK], { timeout: 30_000 });
    const answer = v.parse(answerSchema, JSON.parse(stdout));
    return { ...answer, home: dirname(answer.python) };
  } catch (cause) {
    throw problem('settings', `the interpreter ${python} can't be run`, { cause });
  }
}

/** X.Y of X.Y.Z. */
export function shortVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
