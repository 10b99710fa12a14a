import type { Pinned } from '../packageIndex/choose.ts';
import { fetchPinned } from '../packageIndex/fetchPinned.ts';
import { placesOf } from '../packageIndex/places.ts';
import type { Interpreter } from '../report/model.ts';
import type { PrivatePip, ToolContext } from './context.ts';
import { type LockName, lockedFor } from './lockFile.ts';
import { supportedBy } from './supported.ts';
import { ownToolEnvironment } from './toolEnvironment.ts';

/**
 * The wheels of a lock of exitproof's own, straight from the index, into `folder`. False where pip has to fetch them; then
 * some may lie there. `pip`: null where that is what is fetched.
 */
export async function fetchLocked(
  lock: LockName,
  interpreter: Interpreter,
  { folder, pip }: { readonly folder: string; readonly pip: PrivatePip | null },
  context: ToolContext,
): Promise<boolean> {
  const env = ownToolEnvironment(context.env);
  // Whoever has no pip of any kind has chosen no index by having it.
  const told = await supportedBy(interpreter, { pip, markers: [], env }, context).catch(() => null);
  const places = told === null ? null : placesOf(told.settings, env);
  if (told === null || places === null) return false;
  const pinned = lockedFor(lock, interpreter.version).map(
    ({ name, version, hashes }): Pinned => ({ name, version, sha256: hashes, marker: null }),
  );
  const { left } = await fetchPinned({
    pinned,
    places,
    folder,
    // pip is of Python alone: any interpreter takes it.
    told: pip === null ? { ...told, tags: ['py3-none-any'] } : told,
    have: async () => false,
    what: `Fetching ${pinned.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
    context,
  });
  return left.length === 0;
}
