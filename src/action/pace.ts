import type { Writable } from 'node:stream';

/** Bytes that may wait for the runner before the program is asked to wait too. */
const AHEAD = 512 * 1024;
/** A runner that took nothing for so many milliseconds has stopped: no program waits for it any more. */
const PATIENCE = 1_000;
/** Bytes of a program's output that may wait for a runner that has stopped. */
const KEPT = 16 * 1024 * 1024;

export interface Pace {
  /** False where more output would only fill memory. */
  readonly takes: () => boolean;
  /** Resolves once the runner has caught up, or has shown that it won't. */
  readonly caughtUp: () => Promise<void> | undefined;
}

/**
 * As fast as the runner reads. All that is written goes into the one stream, in its order: a command that overtook the
 * program's output would stand in a region in which none is obeyed.
 */
export function paceOf(target: Pick<Writable, 'writableLength' | 'once' | 'off'>): Pace {
  let stopped = false;
  let waiting: Promise<void> | undefined;

  const wait = () =>
    new Promise<void>((resolve) => {
      let length = target.writableLength;
      let timer: NodeJS.Timeout;
      const done = () => {
        clearTimeout(timer);
        target.off('drain', done);
        waiting = undefined;
        resolve();
      };
      const look = () => {
        stopped = target.writableLength >= length;
        if (stopped || target.writableLength <= AHEAD) return done();
        length = target.writableLength;
        timer = setTimeout(look, PATIENCE);
      };
      timer = setTimeout(look, PATIENCE);
      target.once('drain', done);
    });

  return {
    takes: () => {
      if (target.writableLength <= AHEAD) stopped = false;
      return !stopped || target.writableLength <= KEPT;
    },
    caughtUp: () => {
      if (stopped || target.writableLength <= AHEAD) return undefined;
      waiting ??= wait();
      return waiting;
    },
  };
}
