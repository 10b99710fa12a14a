import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { builderOf } from '../build/builders.ts';
import { isOneFile } from '../build/layoutsOf.ts';
import { maskSecrets } from '../evidence/mask.ts';
import { problem } from '../problem.ts';
import type { RunRecord } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import { maskCredentials, runTool, type ToolCommand, type ToolResult } from '../toolchain/exec.ts';
import { findOnPath } from '../toolchain/findOnPath.ts';
import { toolEnvironment } from '../toolchain/toolEnvironment.ts';
import type { Job } from './job.ts';
import { executableName } from './names.ts';
import { bootEnvironment, type Obtained } from './obtain.ts';
import { type Checkout, type Subject, smoke } from './smoke.ts';

type Wish = Pick<Settings, 'smokeOn' | 'archive' | 'executable'>;

/**
 * That there will be an archive, and that it can be unpacked as users do it.
 *
 * @throws a `settings` problem where not.
 */
export function refuseWithoutArchive({ smokeOn, archive, executable }: Wish, path: string): void {
  if (smokeOn !== 'archive') return;
  if (executable !== null) {
    throw problem(
      'settings',
      "smoke-on: got “archive”, but an executable that was built elsewhere isn't archived",
    );
  }
  if (archive === 'none') {
    throw problem('settings', 'smoke-on: got “archive”, but archive is “none”', {
      hint: 'set `archive` to tar, tar.gz or zip, or leave `smoke-on` out',
    });
  }
  const command = unpacker(archive);
  if (findOnPath(command, path) === null) {
    throw problem(
      'settings',
      `smoke-on: the ${archive} has to be unpacked, and there is no ${command} on PATH`,
      {
        hint: `install ${command}, or choose another \`archive\``,
      },
    );
  }
}

const unpacker = (archive: Settings['archive']) => (archive === 'zip' ? 'unzip' : 'tar');

/**
 * Each smoke run once, out of the archive: unpacked by the system's own tools in another place, and fitted to it by the
 * script that lies in it. Where that fails it is a run that did not start.
 */
export async function smokeArchive(
  settings: Settings,
  obtained: Obtained,
  archive: string,
  checkout: Checkout | null,
  job: Job,
): Promise<readonly RunRecord[]> {
  const { plan, products, build } = obtained;
  const [{ layout, tree, interpreter }] = products;
  const folder = join(job.work, 'unpacked');
  const name = executableName(plan);
  const root = join(folder, name);
  const env = toolEnvironment(job.context.env);
  const unpack: ToolCommand = {
    tool: findOnPath(unpacker(settings.archive), env['PATH'] ?? '') ?? unpacker(settings.archive),
    args: settings.archive === 'zip' ? ['-q', archive, '-d', folder] : ['-xf', archive, '-C', folder],
    env,
  };
  const relocate = { tool: join(root, '.exitproof', 'relocate'), args: [plan.interpreter.path], env };
  const failed = await job.log.stage('Unpack the archive', async () => {
    await mkdir(folder);
    for (const command of layout === 'venv' ? [unpack, relocate] : [unpack]) {
      const done = await job.interruptible(({ context }) =>
        runTool(command, context, 'Unpacking the archive'),
      );
      if (done.exitCode !== 0) return { command, done };
    }
    return null;
  });
  if (failed !== null) return [notStarted(layout, failed.command, failed.done, job.secrets)];
  // A cache of its own: whoever has just unpacked it boots cold.
  const work = join(job.work, 'unpacked-boot');
  await mkdir(work);
  const boot = {
    program: join(root, tree.executable),
    folder: isOneFile(layout) ? folder : root,
    layout,
    work,
  };
  const subject: Subject = {
    layout,
    from: 'archive',
    program: boot.program,
    env: bootEnvironment(boot, plan, job.env),
    packagerFiles: builderOf(plan.builder.name).packagerFiles(boot, plan),
    interpreter: interpreter ?? build.interpreter,
  };
  const once = { ...settings, soak: { kind: 'runs', runs: 1 } } as const;
  return (await smoke(once, [subject], checkout, job)).seen.runs;
}

/** What tar says last where something before has failed. */
const CLOSING =
  /^\S*tar: (?:Exiting with failure status|Error is not recoverable|Error exit delayed|Child returned)/;

export function notStarted(
  layout: RunRecord['layout'],
  { tool, args }: Pick<ToolCommand, 'tool' | 'args'>,
  done: ToolResult,
  secrets: readonly string[],
): RunRecord {
  const text = maskSecrets(maskCredentials(`${done.stdout}${done.stderr}`), secrets).trim();
  const said = text.split('\n').findLast((line) => !CLOSING.test(line)) ?? '';
  return {
    name: tool.split('/').at(-1) ?? tool,
    argv: [tool, ...args],
    layout,
    from: 'archive',
    verdict: 'not-started',
    phase: null,
    reason: `not started: ${said === '' ? `exit code ${done.exitCode}` : said}`,
    exitCode: done.exitCode,
    signal: null,
    pid: null,
    timings: {},
    duration: 0,
    boot: 'cold',
    observer: 'none',
    warnings: [],
    left: [],
    output: {
      head: text.slice(-4096),
      tail: '',
      bytes: { stdout: Buffer.byteLength(done.stdout), stderr: Buffer.byteLength(done.stderr) },
    },
    evidence: [],
    diagnosis: null,
  };
}
