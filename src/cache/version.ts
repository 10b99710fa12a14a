/**
 * GitHub replaces no entry. One that is corrupt is followed by another under its key and a number, which is looked for
 * first: `KEY`, `KEY.2` to `KEY.9`.
 */
const VERSION = /\.[2-9]$/;

/** Whether an entry of this key is that of `key`, or one that followed it. */
export function isVersionOf(found: string, key: string): boolean {
  return found === key || (found.startsWith(`${key}.`) && VERSION.test(found.slice(key.length)));
}

/** The key that the first entry of `found` was saved under. */
export function baseOf(found: string): string {
  return found.replace(VERSION, '');
}

/** The key that follows a corrupt entry's; null after the last. */
export function nextVersion(found: string, key: string): string | null {
  const version = found === key ? 1 : Number(found.slice(key.length + 1));
  return version >= 9 ? null : `${key}.${version + 1}`;
}
