import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { colorWanted, lossBy, type Sink } from './sink.ts';

/** Whether all that is written there is taken at once: by a file, or by a device such as `/dev/null`. */
export function takesAtOnce(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFile() || (stat.isCharacterDevice() && !isatty(descriptor));
  } catch {
    return false;
  }
}

/** Writes without a copy, and keeps nothing. */
export function createFileSink(descriptor: number, env: Readonly<Record<string, string | undefined>>): Sink {
  let gone = false;
  let lost: string | null = null;
  return {
    write: (chunk) => {
      if (gone) return undefined;
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      } catch (error) {
        gone = true;
        lost = lossBy(error);
      }
      return undefined;
    },
    drained: () => Promise.resolve(),
    lost: () => lost,
    isTerminal: false,
    width: 100,
    hasColor: colorWanted(env, false),
  };
}
