import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');

/** What the runner would have read after a step. */
export interface StepResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly summary: string;
  /** The workflow commands that the runner would have obeyed, in order: those inside stop-commands are left out. */
  readonly commands: readonly WorkflowCommand[];
}

export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

export interface StepOptions {
  /** `src/action/main.ts`, `dist/main.js`: relative to the repository, or absolute. */
  readonly entry: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly state?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: string;
  /** Called as the output grows, for a test that cancels at a certain line. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface FakeRunner {
  readonly workspace: string;
  readonly temp: string;
  step(options: StepOptions): Promise<StepResult>;
  remove(): void;
}

/** A runner's folders and files in a temporary folder; each step gets fresh command files, as the real one does. */
export function fakeRunner(): FakeRunner {
  const home = mkdtempSync(join(tmpdir(), 'exitproof-runner-'));
  const workspace = join(home, 'workspace');
  const temp = join(home, 'temp');
  // Its own, too: guards leave their records there, and what is left by one of another runner is swept with them.
  const machinesTemp = join(home, 'tmp');
  for (const folder of [workspace, temp, machinesTemp]) mkdirSync(folder);
  const event = join(home, 'event.json');
  writeFileSync(event, JSON.stringify({ ref: 'refs/heads/main', repository: { default_branch: 'main' } }));
  let steps = 0;

  return {
    workspace,
    temp,
    async step({ entry, inputs = {}, state = {}, env = {}, node = process.execPath, onOutput }) {
      const folder = join(home, `step-${steps++}`);
      mkdirSync(folder);
      const files = Object.fromEntries(
        ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'].map((name) => {
          const file = join(folder, name);
          writeFileSync(file, '');
          return [name, file] as const;
        }),
      );
      const own = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(GITHUB|RUNNER|ACTIONS|INPUT|STATE)_/.test(name)),
      );
      const { promise, resolve: done } = Promise.withResolvers<Pick<StepResult, 'exitCode' | 'signal'>>();
      const child = spawn(node, [resolve(root, entry)], {
        cwd: workspace,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...own,
          TMPDIR: machinesTemp,
          CI: 'true',
          GITHUB_ACTIONS: 'true',
          GITHUB_WORKSPACE: workspace,
          GITHUB_EVENT_NAME: 'push',
          GITHUB_EVENT_PATH: event,
          GITHUB_REF: 'refs/heads/main',
          GITHUB_REPOSITORY: 'someone/project',
          GITHUB_SERVER_URL: 'https://github.com',
          RUNNER_TEMP: temp,
          RUNNER_TOOL_CACHE: join(home, 'tools'),
          RUNNER_OS: 'Linux',
          ...Object.fromEntries(
            Object.entries(files).map(([name, file]) => [`GITHUB_${name}`, file] as const),
          ),
          ...prefixed('INPUT_', inputs, (name) => name.replaceAll(' ', '_').toUpperCase()),
          ...prefixed('STATE_', state, (name) => name),
          ...env,
        },
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        onOutput?.(stdout, (signal) => child.kill(signal));
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('close', (exitCode, signal) => done({ exitCode, signal }));
      const ending = await promise;
      const read = (name: string): string => readFileSync(files[name] ?? '', 'utf8');
      return {
        ...ending,
        stdout,
        stderr,
        outputs: parseFileCommand(read('OUTPUT')),
        state: parseFileCommand(read('STATE')),
        paths: read('PATH')
          .split('\n')
          .filter((line) => line !== ''),
        summary: read('STEP_SUMMARY'),
        commands: obeyed(stdout),
      };
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, string>>,
  name: (key: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + name(key), value]));
}

/** `name<<DELIMITER`, lines, `DELIMITER`. */
export function parseFileCommand(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, delimiter] = /^(.+?)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    values[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}

/** As the runner reads a log: lines end at `\n`, `\r` or both, white space before a command is skipped. */
export function obeyed(log: string): WorkflowCommand[] {
  const commands: WorkflowCommand[] = [];
  let stopped: string | null = null;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const [, name, properties = '', message = ''] = /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (stopped !== null) {
      if (name === stopped) stopped = null;
    } else if (name === 'stop-commands') {
      stopped = message;
    } else if (name !== undefined) {
      commands.push({ name, properties: parseProperties(properties), message });
    } else {
      const [, old, rest = ''] = /##\[([^\s\]]+)[^\]]*\](.*)/.exec(line) ?? [];
      if (old !== undefined) commands.push({ name: old, properties: {}, message: rest });
    }
  }
  if (stopped !== null) commands.push({ name: 'never-resumed', properties: {}, message: stopped });
  return commands;
}

function parseProperties(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.split('=', 2))
      .flatMap(([key, value]) => (key === undefined || value === undefined ? [] : [[key.trim(), value]])),
  );
}
