import { inventory, type Kept, type KeptEntry } from '../cache/inventory.ts';
import { type Cleared, clear } from '../cache/tidy.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { problem } from '../problem.ts';
import { plural, printable } from '../report/text.ts';
import { CACHE_TABLE } from '../settings/cacheTable.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { WrittenSettings } from '../settings/written.ts';
import { cacheRoot } from '../toolchain/paths.ts';
import type { Streams } from './perform.ts';

/** Of the user's own folder: GitHub's cache has its own tools. */
export async function cacheCommand(
  deed: 'info' | 'clear',
  flags: WrittenSettings,
  { stdout }: Streams,
  cwd: string,
): Promise<ExitCode> {
  const { values } = resolveSettings(CACHE_TABLE, [flags], { cwd, project: cwd });
  const folder = cacheRoot(process.env);
  const { kept, jobs } = await (deed === 'info' ? look(folder) : cleared(folder));
  const total = sum(kept.flatMap(({ entries }) => entries));
  if (values.json) {
    const kinds = kept.map(({ kind: { name, limit, age }, entries }) => ({
      name,
      limit,
      days: age / DAY,
      total: sum(entries),
      entries: entries.map(({ name: entry, size, used }) => ({ name: entry, size, used })),
    }));
    stdout.write(
      `${JSON.stringify({ folder, total, [deed === 'info' ? 'kept' : 'removed']: kinds, jobs }, null, 2)}\n`,
    );
    return EXIT.passed;
  }
  const lines = [
    folder,
    ...kept.flatMap((one) => inWords(one, deed === 'info', values.verbose)),
    ...(deed === 'info' ? [`${bytes(total)} in all`] : [`removed ${bytes(total)}`]),
    ...(jobs === 0 ? [] : [`kept the tools: ${plural(jobs, 'job')} at work with them`]),
  ];
  stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));
  return EXIT.passed;
}

interface Answer {
  readonly kept: readonly Kept[];
  readonly jobs: number;
}

async function look(folder: string): Promise<Answer> {
  const kept = await inventory(folder).catch((error: unknown) => {
    throw problem('settings', `the cache's folder can't be read: ${words(error)}`, { cause: error });
  });
  return { kept: kept.filter(({ entries }) => entries.length > 0), jobs: 0 };
}

async function cleared(folder: string): Promise<Answer> {
  const { removed, jobs }: Cleared = await clear(folder).catch((error: unknown) => {
    throw problem('settings', `the cache can't be emptied: ${words(error)}`, { cause: error });
  });
  return { kept: removed, jobs };
}

function inWords({ kind, entries }: Kept, limits: boolean, all: boolean): string[] {
  const of = limits ? ` of ${bytes(kind.limit)}, ${plural(kind.age / DAY, 'day')}` : '';
  const head = `${kind.name.padEnd(18)} ${plural(entries.length, 'entry', 'entries')}, ${bytes(sum(entries))}${of}`;
  // A layout's name is its key, by which it can be restored.
  return all || kind.name === 'layouts' ? [head, ...entries.map(line)] : [head];
}

function line({ name, size, used }: KeptEntry): string {
  return `  ${bytes(size).padStart(9)}  used ${ago(used).padEnd(14)}  ${name.replace(/\.tar$/, '')}`;
}

function sum(entries: readonly KeptEntry[]): number {
  return entries.reduce((total, { size }) => total + size, 0);
}

function bytes(count: number): string {
  return count < 2 ** 30 ? `${(count / 2 ** 20).toFixed(1)} MiB` : `${(count / 2 ** 30).toFixed(1)} GiB`;
}

const DAY = 86_400_000;

const UNITS = [
  ['day', DAY],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function ago(date: Date): string {
  const passed = Date.now() - date.getTime();
  const [unit, milliseconds] = UNITS.find(([, length]) => passed >= length) ?? ['second', 1_000];
  return new Intl.RelativeTimeFormat('en').format(-Math.max(0, Math.floor(passed / milliseconds)), unit);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
