import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Thread } from '../report/model.ts';
import { blocksSignal, catchesSignal, kernelState, ownPidOf, startTimeOf } from './kernel.ts';
import type { Target } from './target.ts';
import { bareName } from './threads.ts';
import type { LayerResult } from './tool.ts';

const THREAD = /^(?:Current thread|Thread) 0x[0-9a-f]+(?: \[(.*)\])? \(most recent call first\):$/;
const FRAME = /^ {2}File "(.*)", line (\d+|\?\?\?) in (.*)$/;
const MAX_DUMP = 512 * 1024;
const NOT_THERE = 'not asked: the probe is not there (any more) to answer';
const POLL = 15;
/** It is written with many small writes: this many quiet polls in a row are its end. */
const QUIET_POLLS = 4;

/**
 * What `faulthandler.register` writes. Its threads run from the newest to the oldest, which is the main one; of more than
 * a hundred it leaves the oldest out.
 */
export function parseFaulthandler(text: string): Thread[] {
  const threads: { name: string | null; state?: string; frames: Frame[] }[] = [];
  for (const line of text.split('\n')) {
    const header = THREAD.exec(line);
    if (header !== null) threads.push({ name: header[1] ?? null, frames: [] });
    const thread = threads.at(-1);
    // Of a deep stack it leaves the outer frames out, which tell the phase.
    if (line === '  ...') thread?.frames.push({ function: '(more frames)', file: null, line: null });
    if (line === '  Garbage-collecting' && thread !== undefined) thread.state = '[Garbage collecting]';
    const [, file, number, name] = FRAME.exec(line) ?? [];
    if (name === undefined || thread === undefined) continue;
    thread.frames.push({ function: bareName(name), file: file ?? null, line: Number(number) || null });
  }
  const main = /^\.\.\.$/m.test(text) ? -1 : threads.length - 1;
  return threads.map((thread, index) => ({ ...thread, tid: null, main: index === main }));
}

/** The file's own descriptor is still open there: a program may have closed it, and given its number to a socket. */
function stillWrites(pid: number, file: string): boolean {
  try {
    const dump = statSync(file);
    return readdirSync(`/proc/${pid}/fd`).some((number) => {
      try {
        const open = statSync(`/proc/${pid}/fd/${number}`);
        return open.ino === dump.ino && open.dev === dump.dev;
      } catch {
        return false;
      }
    });
  } catch (error) {
    // Undumpable: nobody may look, and that is when this layer is needed most.
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function readFrom(file: string, start: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const length = Math.min(MAX_DUMP, Math.max(0, fstatSync(descriptor).size - start));
    const buffer = Buffer.alloc(length);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, length, start));
  } finally {
    closeSync(descriptor);
  }
}

function refusal(target: Target, signal: number, file: string): string | null {
  const { pid, startTime } = target;
  if (startTimeOf(pid) !== startTime) return 'the process has gone';
  const state = kernelState(pid);
  if (state === 'T' || state === 't') return 'not asked: the process is stopped';
  if (state === 'D') return 'not asked: the process is in an uninterruptible wait (state D)';
  if (!catchesSignal(pid, signal)) return NOT_THERE;
  if (blocksSignal(pid, signal)) return 'not asked: the program blocks the signal';
  if (!stillWrites(pid, file)) return 'not asked: the program closed the dump file';
  return null;
}

/** Sends the dump signal, but only to a process whose handler is in place and whose dump file is still its own. */
export async function askFaulthandler(request: {
  readonly target: Target;
  readonly signal: number;
  readonly dumpFolder: string;
  readonly hasProc: boolean;
  readonly timeout: number;
}): Promise<LayerResult> {
  const { target, signal, dumpFolder, hasProc, timeout } = request;
  const file = join(dumpFolder, String(ownPidOf(target.pid)));
  const refused = hasProc ? refusal(target, signal, file) : existsSync(file) ? null : NOT_THERE;
  if (refused !== null) return { threads: [], error: refused };
  const start = sizeOf(file);
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    return {
      threads: [],
      error: `the signal was refused: ${error instanceof Error ? error.message : error}`,
    };
  }
  const deadline = performance.now() + timeout;
  let size = start;
  for (let quiet = 0; quiet < QUIET_POLLS && performance.now() < deadline; ) {
    await sleep(POLL);
    const now = sizeOf(file);
    quiet = now === size && now > start ? quiet + 1 : 0;
    size = now;
  }
  try {
    const threads = parseFaulthandler(readFrom(file, start));
    return threads.length > 0
      ? { threads, error: null }
      : { threads, error: `no answer within ${Math.round(timeout)} ms` };
  } catch (error) {
    return { threads: [], error: error instanceof Error ? error.message : String(error) };
  }
}
