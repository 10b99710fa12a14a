/**
 * Why a path from a manifest or an archive may not be used below a folder, or null where it may.
 * Anything that a file system could read as "elsewhere" is refused, not cleaned up: a cleaned path hides an attack.
 */
export function unsafePath(path: string): string | null {
  if (PLAIN.test(path)) return null;
  if (path === '') return 'is empty';
  if (path.includes('\0')) return 'contains a NUL byte';
  if (path.includes('\n') || path.includes('\r')) return 'contains a line break';
  if (path.includes('\\')) return 'contains a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  const segments = path.split('/');
  if (segments.includes('..')) return 'leads upwards';
  if (segments.includes('') || segments.includes('.')) return 'is not in its plain form';
  return null;
}

/** Nearly all: a layout has ten thousand. */
const PLAIN = /^\w[\w.+-]*(\/\w[\w.+-]*)*$/;

/**
 * Whether a relative link at `path` stays below the folder that `path` is relative to. It may lead upwards only at
 * its beginning: `l/../x` leaves the folder where `l` is itself a link to the top.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0') || target.includes('\\')) return false;
  const segments = target.split('/').filter((segment) => segment !== '.' && segment !== '');
  const down = segments.findIndex((segment) => segment !== '..');
  const upwards = down === -1 ? segments.length : down;
  return upwards <= path.split('/').length - 1 && !segments.slice(upwards).includes('..');
}

/** `a`, `a/b` for `a/b/c`. */
export function parentsOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Byte order, the same on every machine and locale. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
