import { resolve } from 'node:path';
import { problem } from '../problem.ts';
import type { Interpreter } from '../report/model.ts';
import type { ToolContext } from '../toolchain/context.ts';
import { maskCredentials, runTool, toolProblem } from '../toolchain/exec.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import { privateUv } from '../toolchain/uv.ts';
import { lockIndexes } from './indexes.ts';
import type { ExportedLock } from './pylock.ts';
import { readToml } from './pyproject.ts';
import { requirementLines } from './requirements.ts';

/**
 * The lock's requirements for the project at `project`, as `uv export --locked` gives them.
 * Throws a settings problem where the lock is not up to date with the project.
 */
export async function exportUvLock(
  request: {
    readonly project: string;
    readonly lock: string;
    /** The workspace's root, which the paths that uv writes are relative to. */
    readonly root: string;
    readonly extras: readonly string[];
    readonly interpreter: Interpreter;
  },
  context: ToolContext,
): Promise<ExportedLock> {
  const { project, lock, root, extras, interpreter } = request;
  const indexes = lockIndexes(readToml(lock));
  const uv = await privateUv(interpreter, context);
  const args = ['export', '--locked', '--no-dev', '--no-emit-project', '--no-editable', '--format'];
  const result = await runTool(
    {
      tool: uv,
      args: [
        ...args,
        'requirements-txt',
        '--no-header',
        '--no-annotate',
        ...extras.flatMap((name) => ['--extra', name]),
      ],
      cwd: project,
      env: toolEnvironment(context.env, {
        UV_PYTHON: interpreter.path,
        UV_PYTHON_DOWNLOADS: 'never',
        UV_NO_PROGRESS: '1',
      }),
    },
    context,
    'Exporting uv.lock',
  );
  if (result.exitCode !== 0) {
    if (/needs to be updated|Failed to parse .*uv\.lock/.test(result.stderr)) {
      throw problem('settings', 'uv.lock is not up to date with pyproject.toml.', {
        hint: 'Run `uv lock` and commit the result.',
      });
    }
    if (/Extras? .* (is not defined|are incompatible)/i.test(result.stderr)) {
      throw problem('settings', `extras: ${maskCredentials(result.stderr.trim())}`);
    }
    throw toolProblem(result, 'Reading uv.lock');
  }
  const lines = requirementLines(result.stdout).map(({ text }) => text);
  const hashed = lines.filter((line) => line.includes('--hash='));
  const local = lines
    .filter((line) => !line.includes('--hash=') && !line.startsWith('--'))
    .map((line) => line.replace(/^-e\s+/, ''))
    .map((line) => (/^\.{1,2}(\/|$)/.test(line) ? resolve(root, line) : line));
  return { hashed, local, indexes };
}
