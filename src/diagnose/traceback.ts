import { isOwnFrame } from '../evidence/ownFrames.ts';
import type { Frame } from '../report/model.ts';
import { printable } from '../report/text.ts';

const HEAD = 'Traceback (most recent call last):';

/** "RuntimeError: boom" of the last traceback, one printable line; null where it isn't that of the whole program. */
export function lastException(output: string): string | null {
  const at = output.lastIndexOf(HEAD);
  if (at === -1) return null;
  // What a thread or a finalizer raised ended no program.
  const before =
    output
      .slice(Math.max(0, at - 1000), at)
      .trimEnd()
      .split('\n')
      .at(-1) ?? '';
  if (/^(?:Exception (?:ignored|in)\b|Error in )/u.test(before)) return null;
  const line = /^[^\s|+].*$/mu.exec(output.slice(at + HEAD.length))?.[0].trimEnd() ?? '';
  const isException = /^[A-Za-z_][\w.]*: \S|^(?:[\w.]+\.)?[A-Z]\w*$|^[a-z_][\w]*\.[\w.]+$/u.test(line);
  return isException ? printable(line, 200) : null;
}

/** The frames of the last traceback in what a program printed, innermost first; empty where there is none. */
export function lastTraceback(output: string): Frame[] {
  const at = Math.max(output.lastIndexOf(HEAD), output.lastIndexOf('most recent call first'));
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
