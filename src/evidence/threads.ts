import type { Frame, Thread } from '../report/model.ts';
import { printable } from '../report/text.ts';
import { maskSecrets } from './mask.ts';
import { isOwnFrame } from './ownFrames.ts';

const MAX_THREADS = 64;
/** The innermost name the culprit, the outermost tell the phase. */
const MAX_INNER_FRAMES = 100;
const MAX_OUTER_FRAMES = 40;
const MAX_WORD = 1000;

/** `Registry.__del__` and `main.<locals>.worker` by their last part. */
export function bareName(qualified: string): string {
  return qualified.slice(qualified.lastIndexOf('.') + 1) || qualified;
}

function boundFrames(frames: readonly Frame[]): readonly Frame[] {
  const left = frames.length - MAX_INNER_FRAMES - MAX_OUTER_FRAMES;
  if (left <= 1) return frames;
  const gap = { function: `(${left} more frames)`, file: null, line: null };
  return [...frames.slice(0, MAX_INNER_FRAMES), gap, ...frames.slice(-MAX_OUTER_FRAMES)];
}

function foldKey({ main, state, frames }: Thread): string {
  return JSON.stringify([main, state, frames.map((frame) => [frame.function, frame.file, frame.line])]);
}

/** Main thread first; those with the very same frames and state as one, their processor time added up. */
export function foldThreads(threads: readonly Thread[]): Thread[] {
  const byFrames = new Map<string, Thread>();
  for (const thread of [...threads].sort((a, b) => Number(b.main) - Number(a.main))) {
    const key = foldKey(thread);
    const first = byFrames.get(key);
    byFrames.set(key, first === undefined ? thread : merge(first, thread));
  }
  return [...byFrames.values()];
}

function merge(first: Thread, other: Thread): Thread {
  const folded = (first.folded ?? 0) + (other.folded ?? 0) + 1;
  const merged = { ...first, folded };
  return first.cpu === undefined && other.cpu === undefined
    ? merged
    : { ...merged, cpu: (first.cpu ?? 0) + (other.cpu ?? 0) };
}

/** Words of the watched program as they may stand in a report. */
export function clean(text: string, secrets: readonly string[]): string {
  return printable(maskSecrets(text, secrets), MAX_WORD);
}

/** What a parser read, as it may stand in a report: without exitproof's own, folded, bounded, masked, printable. */
export function reportThreads(threads: readonly Thread[], secrets: readonly string[]): Thread[] {
  const foreign = threads.map((thread) => ({
    ...thread,
    frames: thread.frames.filter((frame) => !isOwnFrame(frame)),
  }));
  return foldThreads(foreign)
    .slice(0, MAX_THREADS)
    .map((thread) => ({
      ...thread,
      name: thread.name === null ? null : clean(thread.name, secrets),
      ...(thread.state === undefined ? {} : { state: clean(thread.state, secrets) }),
      frames: boundFrames(thread.frames).map((frame) => ({
        ...frame,
        function: clean(frame.function, secrets),
        file: frame.file === null ? null : clean(frame.file, secrets),
      })),
    }));
}
