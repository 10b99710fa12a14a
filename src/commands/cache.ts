import { DEFAULT_LIMIT, removeLayouts, type StoredLayout, storedLayouts } from '../cache/directoryStore.ts';
import { layoutsFolder } from '../cache/layoutsFolder.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { plural, printable } from '../report/text.ts';
import { CACHE_TABLE } from '../settings/cacheTable.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { WrittenSettings } from '../settings/written.ts';
import type { Streams } from './perform.ts';

/** Of the user's own folder: GitHub's cache has its own tools. */
export async function cacheCommand(
  deed: 'info' | 'clear',
  flags: WrittenSettings,
  { stdout }: Streams,
  cwd: string,
): Promise<ExitCode> {
  const { values } = resolveSettings(CACHE_TABLE, [flags], { cwd, project: cwd });
  const folder = layoutsFolder(process.env);
  const layouts = await (deed === 'info' ? storedLayouts(folder) : removeLayouts(folder));
  const total = layouts.reduce((sum, { size }) => sum + size, 0);
  if (values.json) {
    const answer =
      deed === 'info'
        ? { folder, limit: DEFAULT_LIMIT, total, layouts }
        : { folder, total, removed: layouts };
    stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
    return EXIT.passed;
  }
  const count = `${plural(layouts.length, 'layout')}, ${bytes(total)}`;
  const said = deed === 'info' ? `${count} of ${bytes(DEFAULT_LIMIT)}` : `removed ${count}`;
  stdout.write([folder, ...layouts.map(inWords), said].map((line) => `${printable(line)}\n`).join(''));
  return EXIT.passed;
}

function inWords({ key, size, used }: StoredLayout): string {
  return `  ${bytes(size).padStart(9)}  used ${ago(used).padEnd(14)}  ${key}`;
}

function bytes(count: number): string {
  return count < 2 ** 30 ? `${(count / 2 ** 20).toFixed(1)} MiB` : `${(count / 2 ** 30).toFixed(1)} GiB`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function ago(date: Date): string {
  const passed = Date.now() - date.getTime();
  const [unit, milliseconds] = UNITS.find(([, length]) => passed >= length) ?? ['second', 1_000];
  return new Intl.RelativeTimeFormat('en').format(-Math.max(0, Math.floor(passed / milliseconds)), unit);
}
