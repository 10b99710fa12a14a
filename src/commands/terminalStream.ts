import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Terminal } from './sink.ts';

/**
 * Lets the event loop wait for the terminal. Node blocks instead: a terminal that is held (Ctrl-S, a multiplexer that
 * hangs) would stop the whole process, its deadlines and so the program. For lack of a public way by the handle, as
 * set-blocking does it the other way round; where that is gone one day, it blocks again.
 */
export function unblock(descriptor: number, stream: Terminal): Terminal {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (!isOurs(descriptor) || typeof handle !== 'object' || handle === null) return stream;
  if ('setBlocking' in handle && typeof handle.setBlocking === 'function') handle.setBlocking(false);
  return stream;
}

/** What is written to both shows in one place, and needs one queue to stay in its order. */
export function areOneTerminal(one: number, other: number): boolean {
  return isatty(one) && isatty(other) && fstatSync(one).rdev === fstatSync(other).rdev;
}

/** Node opens a terminal again where it may; where it may not, the open file is also that of whoever started us. */
function isOurs(descriptor: number): boolean {
  try {
    const path = readlinkSync(`/proc/self/fd/${descriptor}`);
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
