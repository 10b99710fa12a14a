import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inRepository } from './paths.ts';
import { isExecutable } from './pythons.ts';

export interface CliOptions {
  readonly cwd?: string;
  /** Replaces the whole environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: 'empty' | 'open';
  /** The runtime; node 24 unless told. */
  readonly node?: string;
  /** A command that starts it, and may take rights from it first. */
  readonly through?: readonly string[];
  /** Milliseconds after which exitproof itself is taken for stuck and killed. */
  readonly limit?: number;
  /** Called with the pid, for tests that send it something. */
  readonly onSpawn?: (pid: number) => void;
  /** Words on stdout or stderr whose first appearance is to be timed. */
  readonly timeOf?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  /** From the spawn until the words of `timeOf` were seen, to about 50 ms; null if they never were. */
  readonly timeOf: number | null;
  /** It did not end within the limit. */
  readonly stuck: boolean;
}

/** The built bundle, or the source where nothing is built. `EXITPROOF_TEST_CLI` names another. */
export function cliEntry(): string {
  const named = process.env['EXITPROOF_TEST_CLI'];
  if (named !== undefined) return named;
  const built = inRepository('dist', 'cli.js');
  return existsSync(built) ? built : inRepository('src', 'cli.ts');
}

/** The action's first entry, built or from source as the CLI is. */
export function actionEntry(): string {
  const built = inRepository('dist', 'main.js');
  return existsSync(built) ? built : inRepository('src', 'action', 'main.ts');
}

/** The runtime that GitHub uses. */
export const NODE_24 = inRepository('node_modules', 'node', 'bin', 'node');

/** A Node 20 of this machine, the oldest that the CLI runs on; null where there is none, or only source to run. */
export function node20(): string | null {
  if (cliEntry().endsWith('.ts')) return null;
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const isTwenty = (path: string) =>
    spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v20.') ?? false;
  return candidates.filter(isExecutable).find(isTwenty) ?? null;
}

/**
 * The environment without a runner's own variables, so that a test says the same on a runner and on a desk. Private
 * tools and caches lie in the repository's ignored folder: installed once for all tests, apart from the developer's own.
 */
export function testEnvironment(
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string | undefined>> {
  const foreign =
    /^(GITHUB|RUNNER|ACTIONS|INPUT|STATE|EXITPROOF|PEX|PYTHON)_|^(CI|PYTHONPATH|PYTHONUNBUFFERED)$/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    XDG_CACHE_HOME: inRepository('.exitproof', 'test', 'cache'),
    ...more,
  };
}

/**
 * Runs the CLI to its end. Its output goes to files: a process that it failed to end would hold a pipe open,
 * and the test would wait for that process.
 */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-cli-'));
  const paths = { out: join(folder, 'stdout'), err: join(folder, 'stderr') };
  const out = openSync(paths.out, 'w');
  const err = openSync(paths.err, 'w');
  const started = performance.now();
  const [command = NODE_24, ...before] = [...(options.through ?? []), options.node ?? NODE_24];
  const child = spawn(command, [...before, cliEntry(), ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.stdin === 'open' ? 'pipe' : 'ignore', out, err],
  });
  closeSync(out);
  closeSync(err);
  let seen: number | null = null;
  const watchOutput = setInterval(() => {
    const words = options.timeOf;
    if (words === undefined || seen !== null) return;
    const said = [paths.out, paths.err].some((path) => readFileSync(path, 'utf8').includes(words));
    if (said) seen = performance.now() - started;
  }, 50);
  let stuck = false;
  const limit = setTimeout(() => {
    stuck = true;
    child.kill('SIGKILL');
  }, options.limit ?? 240_000);
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ending) => resolve(ending));
  });
  clearTimeout(limit);
  clearInterval(watchOutput);
  child.stdin?.destroy();
  const result = {
    code,
    signal,
    stdout: readFileSync(paths.out, 'utf8'),
    stderr: readFileSync(paths.err, 'utf8'),
    milliseconds: performance.now() - started,
    timeOf: seen,
    stuck,
  };
  rmSync(folder, { recursive: true, force: true });
  return result;
}
