import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Phase } from '../../src/report/model.ts';
import { inRepository } from './paths.ts';
import { onPath, type Python } from './pythons.ts';
import { caches } from './pythonTool.ts';

const FOLDER = inRepository('examples', 'stalls');

/** What can't be read off the program itself; the rest stalls in the one phase of its cause. */
interface Peculiarity {
  readonly stdin?: 'open';
  /** The Pythons (X.Y) that it is tried on, the usual one first; all of them if absent. */
  readonly only?: readonly string[];
  readonly phase?: (minor: number) => Phase;
  /** Whether it stalls depends on when threads come to run: so many tries, until it does. */
  readonly tries?: number;
}

/** Before 3.9 the interpreter waited for executors in an exit handler. */
const executor = (minor: number): Phase => (minor < 9 ? 'atexit' : 'threading-shutdown');

const PECULIAR: Readonly<Record<string, Peculiarity>> = {
  'asyncio-executor': { phase: (minor) => (minor < 9 ? 'atexit' : 'run') },
  'atexit-handler': { phase: () => 'atexit' },
  'atexit-stdin': { stdin: 'open' },
  'del-handler': { phase: () => 'finalization' },
  'excepthook-blocks': { phase: () => 'threading-shutdown' },
  'executor-process': { phase: executor },
  'executor-thread': { phase: executor },
  'fork-lock': { phase: () => 'run' },
  'gil-drop-96387': { only: ['3.9'], tries: 10 },
  'gil-held': { phase: () => 'run' },
  'queue-consumer': { phase: () => 'threading-shutdown' },
  'stdout-flush': { phase: () => 'run' },
  stopped: { phase: () => 'atexit' },
  'zmq-linger': { phase: () => 'run' },
};

/** A pair of programs of `examples/stalls`: one that stalls, and the same one cured. */
export interface StallExample extends Peculiarity {
  /** The cause's slug. */
  readonly name: string;
  readonly hasNative: boolean;
  readonly requirements: string | null;
}

export function stallExamples(): readonly StallExample[] {
  return stallNames().map((name) => {
    const list = join(FOLDER, name, 'requirements.txt');
    return {
      name,
      hasNative: existsSync(join(FOLDER, name, 'native.c')),
      requirements: existsSync(list) ? readFileSync(list, 'utf8') : null,
      ...PECULIAR[name],
    };
  });
}

/** The folders of `examples/stalls`: slugs of causes. */
export function stallNames(): readonly string[] {
  const entries = readdirSync(FOLDER, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** Absolute. */
export function stallProgram({ name }: StallExample, which: 'stalled' | 'cured'): string {
  return join(FOLDER, name, `${which}.py`);
}

/** What the program's environment must add: its libraries and its native code, installed and built once a machine. */
export function stallEnvironment(example: StallExample, python: Python): Readonly<Record<string, string>> {
  const { requirements } = example;
  return {
    ...(requirements === null ? {} : { PYTHONPATH: installed(requirements.trim(), python) }),
    ...(example.hasNative ? { STALL_NATIVE: compiled(join(FOLDER, example.name, 'native.c')) } : {}),
  };
}

/** What this machine lacks to try the example, in a word; null where it can be tried. */
export function missingFor({ hasNative }: StallExample): string | null {
  return hasNative && !onPath('gcc') ? 'gcc' : null;
}

function installed(requirements: string, python: Python): string {
  return made(`stalls-${requirements.replaceAll(/\W+/g, '-')}-${python.version}`, (part) =>
    run(python.path, ['-m', 'pip', 'install', '--quiet', '--prefer-binary', '--target', part, requirements]),
  );
}

function compiled(source: string): string {
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const folder = made(`stalls-native-${hash}`, (part) => {
    mkdirSync(part);
    run('gcc', ['-shared', '-fPIC', '-g', '-o', join(part, 'native.so'), source, '-lpthread']);
  });
  return join(folder, 'native.so');
}

/** Complete before it is there, and never half after a failure. */
function made(name: string, make: (part: string) => void): string {
  const folder = join(caches(), 'exitproof-test', name);
  if (existsSync(folder)) return folder;
  const part = `${folder}.part-${process.pid}`;
  mkdirSync(join(caches(), 'exitproof-test'), { recursive: true });
  try {
    make(part);
    if (!existsSync(folder)) renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return folder;
}

function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr.trim()}`);
  }
}
