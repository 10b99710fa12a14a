import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { discard, empty, inventory, type Kept, type KeptEntry, overdue } from './inventory.ts';
import { whileAlone } from './leases.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Removes what is too old or too much, at most once a day. Never throws: it is nobody's task. */
export async function tidy(root: string, now = Date.now()): Promise<void> {
  const stamp = join(root, 'tidied');
  try {
    const last = await stat(stamp).catch(() => null);
    if (last !== null && now - last.mtimeMs < DAY) return;
    // First of all: of jobs side by side one is enough.
    await writeFile(stamp, '');
    // In a folder that is new, as on a machine for one job, nothing is old.
    if (last === null) return;
    await take(root, await inventory(root), (kept) => overdue(kept, now));
  } catch {
    // A folder that is gone or may not be written to is tidy enough.
  }
}

export interface Cleared {
  readonly removed: readonly Kept[];
  /** How many jobs hold back what they use in place. */
  readonly jobs: number;
}

/** Removes everything that no job needs. Throws what the file system throws. */
export async function clear(root: string): Promise<Cleared> {
  return take(root, await inventory(root), ({ entries }) => entries);
}

async function take(
  root: string,
  all: readonly Kept[],
  pick: (kept: Kept) => readonly KeptEntry[],
): Promise<Cleared> {
  const picked = all
    .map((kept) => ({ ...kept, entries: pick(kept) }))
    .filter(({ entries }) => entries.length > 0);
  const loose = picked.filter(({ kind }) => !kind.inPlace);
  const inPlace = picked.filter(({ kind }) => kind.inPlace);
  const remove = async (some: readonly Kept[]): Promise<void> =>
    discard(
      root,
      some.flatMap(({ entries }) => entries),
    );
  await remove(loose);
  const answer = inPlace.length === 0 ? null : await whileAlone(root, () => remove(inPlace));
  await empty(root);
  if (answer !== null && !answer.alone) return { removed: loose, jobs: answer.jobs };
  return { removed: picked, jobs: 0 };
}
