import { mkdir, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { asset } from '../assets.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { runTool } from '../toolchain/exec.ts';
import { buildEnvironment, type EnvironmentRequest } from './buildEnvironment.ts';
import { buildSystem } from './buildSystem.ts';

/** Of `locks/build_wheel.py`. */
const WANTS_MORE = 3;

/**
 * Builds the wheel of the project in `folder` with a kept build environment, which gives the same wheel as pip's
 * isolation and saves the installation. False where that can't be: isolation has the last word, and its own words for
 * what fails.
 */
export async function builtWithKept(
  request: Omit<EnvironmentRequest, 'system'> & { readonly folder: string; readonly into: string },
  context: ToolContext,
): Promise<boolean> {
  const { folder, into, pip, env } = request;
  const system = buildSystem(folder);
  const environment = system === null ? null : await buildEnvironment({ ...request, system }, context);
  if (system === null || environment === null) return false;
  const { packages, resolved } = environment;
  const names = packages.map(({ name, version }) => `${name} ${version}`).join(', ');
  context.log.debug(`build environment of ${resolved}: ${names === '' ? 'empty' : names}`);

  await mkdir(into, { recursive: true });
  const script = asset('locks', 'build_wheel.py');
  const { exitCode } = await runTool(
    {
      tool: environment.python,
      args: ['-I', script, dirname(pip.path), folder, into, system.backend, ...system.backendPath],
      env: {
        ...env,
        PATH: [join(environment.folder, 'bin'), env['PATH'] ?? ''].join(delimiter),
        // What is kept stays as it was made.
        PYTHONDONTWRITEBYTECODE: '1',
      },
      cwd: folder,
    },
    context,
    'Building the project',
  );
  if (exitCode === 0) return true;
  context.log.debug(
    exitCode === WANTS_MORE
      ? 'the build backend wants more than pyproject.toml names: built behind the isolation of pip'
      : 'the build failed: once more behind the isolation of pip, which has the last word',
  );
  await rm(into, { recursive: true, force: true });
  return false;
}
