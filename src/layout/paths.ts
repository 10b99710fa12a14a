/**
 * Why a path from a manifest or an archive may not be used below a folder, or null where it may.
 * Anything that a file system could read as "elsewhere" is refused, not cleaned up: a cleaned path hides an attack.
 */
export function unsafePath(path: string): string | null {
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

/** Whether a relative link at `path` stays below the folder that `path` is relative to. */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0') || target.includes('\\')) return false;
  let depth = path.split('/').length - 1;
  for (const segment of target.split('/')) {
    if (segment === '..') depth -= 1;
    else if (segment !== '.' && segment !== '') depth += 1;
    if (depth < 0) return false;
  }
  return true;
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
