import type { Frame, Thread } from '../report/model.ts';
import { bareName } from './threads.ts';
import { askTool, type LayerResult } from './tool.ts';

// The name is the kernel's, which may hold a line end. With subinterpreters the state stands further below.
const HEADER = /^Traceback for thread (\d+)(?: \(([\s\S]*?)\))?(?: \[(.*)\])? \(most recent call last\):\n/;
const FRAME = /^ {4}\((Python|C)\) File "(.*)", line (\d+), in (.*)$/;
const LIBRARY = / \((\/[^()]*|[^()/ ]+\.so[^()]*)\)$/;

function readFrame([, kind, source, line, rest]: RegExpExecArray): Frame | null {
  if (source === undefined || line === undefined || rest === undefined) return null;
  const file = source === '???' ? null : source;
  if (kind === 'Python') return { function: bareName(rest), file, line: Number(line) || null };
  const library = LIBRARY.exec(rest)?.[1];
  const name = rest.replace(LIBRARY, '').replace(/ \(inlined\)$/, '');
  // A line number belongs to the source file, not to the library.
  return library === undefined
    ? { function: name, file, line: Number(line) || null, native: true }
    : { function: name, file: library, line: null, native: true };
}

/** `pystack remote --native-all`: its frames run from the root inwards, the report's the other way round. */
export function parsePystack(text: string, pid: number): Thread[] {
  return text.split(/^(?=Traceback for thread \d)/m).flatMap((section) => {
    const header = HEADER.exec(section);
    if (header === null) return [];
    const [whole, tid, name, state] = header;
    const frames = section
      .slice(whole.length)
      .split('\n')
      .flatMap((line) => {
        const match = FRAME.exec(line);
        return (match && readFrame(match)) ?? [];
      })
      .reverse();
    const main = Number(tid) === pid;
    return [
      { name: name || null, tid: Number(tid), main, ...(state ? { state: `[${state}]` } : {}), frames },
    ];
  });
}

export function askPystack(request: {
  readonly tool: string;
  readonly pid: number;
  readonly timeout: number;
}): Promise<LayerResult> {
  const { tool, pid, timeout } = request;
  return askTool({
    argv: [tool, 'remote', '--no-color', '--native-all', String(pid)],
    timeout,
    pid,
    read: (stdout) => parsePystack(stdout, pid),
  });
}
