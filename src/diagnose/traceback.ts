import { isOwnFrame } from '../evidence/ownFrames.ts';
import type { Frame } from '../report/model.ts';

/** The frames of the last traceback in what a program printed, innermost first; empty where there is none. */
export function lastTraceback(output: string): Frame[] {
  const at = Math.max(
    output.lastIndexOf('Traceback (most recent call last):'),
    output.lastIndexOf('most recent call first'),
  );
  if (at === -1) return [];
  const innermostFirst = output.startsWith('most recent call first', at);
  const frames = [
    ...output.slice(at).matchAll(/^ +File "([^"\n]{1,4096})", line (\d{1,9}),? in ([^\n]{1,200})$/gmu),
  ].map(([, file, line, name]) => ({
    function: (name ?? '').trim(),
    file: file ?? null,
    line: Number(line),
  }));
  const foreign = frames.filter((frame) => !isOwnFrame(frame));
  return innermostFirst ? foreign : foreign.reverse();
}
