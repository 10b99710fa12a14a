import { delimiter, dirname } from 'node:path';
import type { Interpreter } from '../report/model.ts';
import type { Environment } from '../toolchain/paths.ts';

/**
 * The environment of a smoke run: the caller's, but the packaged program finds its own code alone. The user's `PEX_*`
 * and the like would turn off the boot's fast path or load other code, and Python's path variables would hide what wasn't
 * packed. `boot` is what the packager's own start needs.
 */
export function smokeEnvironment(
  env: Environment,
  interpreter: Interpreter,
  boot: Readonly<Record<string, string>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || PACKAGERS.test(name) || HIDING.has(name)) continue;
    result[name] = value;
  }
  const path = [
    dirname(interpreter.path),
    ...(env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== ''),
  ];
  return { ...result, PATH: path.join(delimiter), ...boot };
}

const PACKAGERS = /^(?:PEX|SHIV|PYINSTALLER|_PYI)_|^_MEIPASS2$/;

const HIDING = new Set([
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PYTHONUSERBASE',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  '__PYVENV_LAUNCHER__',
]);
