import type { Frame, Thread } from '../report/model.ts';
import { askTool, type LayerResult } from './tool.ts';

// The name is the kernel's, which may hold a line end.
const HEADER = /^Thread \d+ \([^"\n]*(?:LWP|process) (\d+)\)?(?: "([\s\S]*?)")?\):\n/;
// Names of C++ hold parentheses too: the arguments are those that stand last, each value left out.
const FRAME = /^#\d+ +(?:0x[0-9a-f]+ in )?(.+?) \((?:[^()]*=\.\.\.[^()]*)?\)(?: at (.+):(\d+)| from (.+))?$/;

function readFrame([, name, file, line, library]: RegExpExecArray): Frame {
  return {
    function: name ?? '??',
    file: file ?? library ?? null,
    line: line ? Number(line) : null,
    native: true,
  };
}

/** `thread apply all bt`, arguments left out. */
export function parseGdb(text: string, pid: number): Thread[] {
  return text.split(/^(?=Thread \d+ \()/m).flatMap((section) => {
    const header = HEADER.exec(section);
    if (header === null) return [];
    const [whole, tid, name] = header;
    const frames = section
      .slice(whole.length)
      .split('\n')
      .flatMap((line) => {
        const match = FRAME.exec(line);
        return match === null ? [] : [readFrame(match)];
      });
    return [{ name: name ?? null, tid: Number(tid), main: Number(tid) === pid, frames }];
  });
}

export function askGdb(request: {
  readonly tool: string;
  readonly pid: number;
  readonly timeout: number;
}): Promise<LayerResult> {
  const { tool, pid, timeout } = request;
  const settings = [
    'auto-load off',
    'debuginfod enabled off',
    'print frame-arguments none',
    'backtrace limit 400',
  ];
  const argv: [string, ...string[]] = [
    tool,
    '-nx',
    '-batch',
    ...settings.flatMap((setting) => ['-iex', `set ${setting}`]),
    '-p',
    String(pid),
    '-ex',
    'thread apply all bt',
  ];
  return askTool({ argv, timeout, pid, read: (stdout) => parseGdb(stdout, pid) });
}
