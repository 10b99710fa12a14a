import type { Thread } from '../report/model.ts';
import { bareName } from './threads.ts';
import { askTool, type LayerResult } from './tool.ts';

/** On a busy program a dump without a stop fails up to one time in six. */
const NONBLOCKING_TRIES = 3;

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function integer(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) ? value : null;
}

/** `py-spy dump --json`; null for what is no such answer. The main thread is found by its tid, its name, its place. */
export function parsePySpy(json: string, pid: number): Thread[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed)) return null;
  const threads = parsed.map(record).map((thread) => ({
    name: typeof thread['thread_name'] === 'string' ? thread['thread_name'] : null,
    tid: integer(thread['os_thread_id']),
    state: [
      thread['active'] === true ? 'active' : 'idle',
      ...(thread['owns_gil'] === true ? ['gil'] : []),
    ].join('+'),
    frames: (Array.isArray(thread['frames']) ? thread['frames'] : []).map(record).map((frame) => ({
      function: bareName(String(frame['name'] ?? '?')),
      file: typeof frame['filename'] === 'string' ? frame['filename'] : null,
      line: integer(frame['line']) || null,
    })),
  }));
  const byTid = threads.findIndex((thread) => thread.tid === pid);
  const byName = threads.findIndex((thread) => thread.name === 'MainThread');
  // Interpreters list their newest thread first.
  const main = byTid !== -1 ? byTid : byName !== -1 ? byName : threads.length - 1;
  return threads.map((thread, index) => ({ ...thread, main: index === main }));
}

/** Without a stop of the process; with one, where `blocking` allows it and nothing else answered. */
export async function askPySpy(request: {
  readonly tool: string;
  readonly pid: number;
  readonly timeout: number;
  readonly blocking: boolean;
}): Promise<LayerResult> {
  const { tool, pid, timeout, blocking } = request;
  const deadline = performance.now() + timeout;
  const quick = Array.from({ length: NONBLOCKING_TRIES }, () => ['--nonblocking']);
  let last: LayerResult = { threads: [], error: `no answer within ${Math.round(timeout)} ms` };
  for (const options of blocking ? [...quick, []] : quick) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    last = await askTool({
      argv: [tool, 'dump', '--pid', String(pid), '--json', ...options],
      timeout: left,
      pid,
      read: (stdout) => parsePySpy(stdout, pid) ?? [],
    });
    if (last.error === null) break;
  }
  return last;
}
