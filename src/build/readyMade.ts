import { fetchPinned } from '../packageIndex/fetchPinned.ts';
import type { IndexFile } from '../packageIndex/page.ts';
import { placesOf } from '../packageIndex/places.ts';
import { supportedBy } from '../toolchain/supported.ts';
import { type LockLine, type LockLines, pinnedOf } from './lockLines.ts';
import type { Wheel } from './model.ts';
import { pipFolder, type Workshop } from './workshop.ts';

export interface ReadyMade {
  readonly wheels: readonly Wheel[];
  /** What pip has to collect. */
  readonly left: LockLines;
}

export interface ReadyMadeOptions {
  /** Variables that say where the lock's packages come from. */
  readonly indexes: Readonly<Record<string, string>>;
  /** Puts a wheel that is here already there, and says whether it has. */
  readonly have: (file: IndexFile, path: string) => Promise<boolean>;
  /** Called where pip is not needed yet. */
  readonly onStart: () => void;
}

/** Puts those wheels of a lock into the folder that its index has ready-made. */
export async function readyMade(
  workshop: Workshop,
  lines: LockLines,
  { indexes, have, onStart }: ReadyMadeOptions,
): Promise<ReadyMade> {
  const { plan, context, pip, folder } = workshop;
  const { interpreter } = plan;
  const env = { ...workshop.env, ...indexes };
  const odd = new Set(lines.requirements.filter((line) => pinnedOf(line) === null).map(({ name }) => name));
  const pinned = lines.requirements.flatMap((line) => {
    const pin = pinnedOf(line);
    // Two lines for one package are pip's to judge.
    return pin === null || odd.has(line.name) ? [] : { ...pin, line };
  });
  // What stands in a lock beside its requirements is said to pip.
  const isPlain = lines.options.every((option) => option === '--require-hashes');
  if (!isPlain || pinned.length === 0) return { wheels: [], left: lines };
  const markers = pinned.flatMap(({ marker }) => marker ?? []);
  const cwd = pipFolder(workshop);
  const told = await supportedBy(interpreter, { pip, markers, env, cwd }, context).catch(() => null);
  const places = told === null ? null : placesOf(told.settings, env);
  if (told === null || places === null) return { wheels: [], left: lines };
  onStart();
  const what = 'Collecting the locked dependencies';
  const { wheels, left } = await fetchPinned({ pinned, places, folder, told, have, what, context });
  const done = new Set<LockLine>(pinned.filter((pin) => !left.includes(pin)).map(({ line }) => line));
  const requirements = lines.requirements.filter((line) => !done.has(line));
  return { wheels, left: { options: lines.options, requirements } };
}
