import type { Environment } from './paths.ts';

/** Variables of pip that would bend a tool's own command line, and what neutralises them. */
const NEUTRAL_PIP: Readonly<Record<string, string>> = {
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_NO_COLOR: '1',
  PIP_PROGRESS_BAR: 'off',
  PIP_REQUIRE_VIRTUALENV: '0',
  PIP_ROOT_USER_ACTION: 'ignore',
  PIP_USER: '0',
  PIP_NO_PYTHON_VERSION_WARNING: '1',
  // A lock decides what is in it, not what happens to be installed.
  PIP_QUIET: '0',
  PIP_VERBOSE: '0',
};

const DROPPED = new Set(['PIP_TARGET', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_PYTHON', 'PIP_LOG', 'PIP_REPORT']);

/**
 * The environment of pip, pex and uv: the user's own, with their index and proxy settings, but nothing that would
 * let another Python path, a pexrc or an active environment leak into what is built.
 */
export function toolEnvironment(
  env: Environment,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || DROPPED.has(name)) continue;
    if (name.startsWith('PEX_') || name.startsWith('PYTHON') || name === '__PEX_UNVENDORED__') continue;
    if (name === 'VIRTUAL_ENV' || name === '__PYVENV_LAUNCHER__') continue;
    result[name] = value;
  }
  return {
    ...result,
    ...NEUTRAL_PIP,
    PYTHONNOUSERSITE: '1',
    PYTHONUTF8: '1',
    PEX_IGNORE_RCFILES: 'true',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  };
}

/** The same for exitproof's own tools: what the user asks of their own packages is not asked of these. */
export function ownToolEnvironment(env: Environment): Record<string, string> {
  const result = toolEnvironment(env);
  for (const name of [
    'PIP_CONSTRAINT',
    'PIP_BUILD_CONSTRAINT',
    'PIP_REQUIREMENT',
    'PIP_NO_BINARY',
    'PIP_PRE',
    'PIP_UPLOADED_PRIOR_TO',
    'PIP_PLATFORM',
    'PIP_PYTHON_VERSION',
    'PIP_ABI',
    'PIP_IMPLEMENTATION',
  ]) {
    delete result[name];
  }
  return result;
}
