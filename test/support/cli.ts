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
  /** Milliseconds after which exitproof itself is taken for stuck and killed. */
  readonly limit?: number;
  /** Called with the pid, for tests that send it something. */
  readonly onSpawn?: (pid: number) => void;
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
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
 * Runs the CLI to its end. Its output goes to files: a process that it failed to end would hold a pipe open,
 * and the test would wait for that process.
 */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const folder = mkdtempSync(join(tmpdir(), 'exitproof-cli-'));
  const paths = { out: join(folder, 'stdout'), err: join(folder, 'stderr') };
  const out = openSync(paths.out, 'w');
  const err = openSync(paths.err, 'w');
  const started = performance.now();
  const child = spawn(options.node ?? NODE_24, [cliEntry(), ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.stdin === 'open' ? 'pipe' : 'ignore', out, err],
  });
  closeSync(out);
  closeSync(err);
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
  child.stdin?.destroy();
  const result = {
    code,
    signal,
    stdout: readFileSync(paths.out, 'utf8'),
    stderr: readFileSync(paths.err, 'utf8'),
    milliseconds: performance.now() - started,
    stuck,
  };
  rmSync(folder, { recursive: true, force: true });
  return result;
}
