import { lstatSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { sha256File } from '../digest.ts';
import type { Log } from '../log.ts';
import { reportFilesIn } from '../report/files.ts';
import type { Report } from '../report/model.ts';
import { parseReport } from '../report/parse.ts';
import type { Settings } from '../settings/settings.ts';
import { layoutFolder } from './names.ts';

type Place = Pick<Settings, 'output' | 'cwd' | 'executable'>;

/** Removes what an earlier job left in `output` and the report that now goes there does not name; null where none does. */
export type ClearEarlier = (now: Report | null, log: Pick<Log, 'warning'>) => Promise<void>;

/**
 * Reads, before anything runs, what the report in `output` names as its own: an upload of the whole folder is to ship what
 * the new report tells of. Clearing takes its files only where they are plain ones inside `output` with the digest that it
 * gave them. The layout stays: a later job finds it in its place. So does, for a program that was built elsewhere, all
 * that was built: it may be made of that.
 */
export function openEarlier(place: Place): ClearEarlier {
  const { output, executable } = place;
  const files = reportFilesIn(output);
  const earlier = earlierReport(files.report);
  if (earlier === null) return async () => {};
  return async (now, log) => {
    try {
      for (const file of [files.report, files.dump]) removePlain(file, place);
      if (executable === null) await clearMade(earlier, now, place);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warning(`what an earlier job left in output could not be removed: ${why}`);
    }
  };
}

async function clearMade(earlier: Report, now: Report | null, place: Place): Promise<void> {
  const { archive, build } = earlier;
  const kept = new Set(named(now).map((path) => resolve(place.cwd, path)));
  const made = build === null ? null : { path: build.artifact, sha256: build.sha256 };
  for (const one of [archive, made]) {
    if (one === null) continue;
    const path = resolve(place.cwd, one.path);
    if (kept.has(path) || !isOwn(path, place) || (await sha256File(path)) !== one.sha256) continue;
    rmSync(path, { force: true });
    if (one !== archive) continue;
    const sum = `${path}.sha256`;
    if (isOwn(sum, place) && readFileSync(sum, 'utf8').startsWith(one.sha256)) rmSync(sum, { force: true });
  }
}

function earlierReport(file: string): Report | null {
  try {
    return parseReport(readFileSync(file, 'utf8'), file);
  } catch {
    // None, or none of this version's: nothing is known to be its own.
    return null;
  }
}

function named(report: Report | null): readonly string[] {
  const { archive, build, executable } = report ?? { archive: null, build: null, executable: null };
  return [archive?.path, build?.artifact, executable].filter((path) => typeof path === 'string');
}

function removePlain(path: string, place: Place): void {
  if (isOwn(path, place)) rmSync(path, { force: true });
}

/** A plain file that really lies in `output`, outside the layout: the report's paths are data. */
function isOwn(path: string, { output }: Place): boolean {
  try {
    return (
      lstatSync(path).isFile() &&
      isBelow(path, output) &&
      !isBelow(path, layoutFolder({ output })) &&
      isBelow(realpathSync(dirname(path)), realpathSync(output), true)
    );
  } catch {
    return false;
  }
}

function isBelow(path: string, folder: string, orItself = false): boolean {
  const below = relative(folder, path);
  if (below === '') return orItself;
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
