import { readdirSync, readlinkSync } from 'node:fs';
import type { Thread } from '../report/model.ts';
import { readOrNull, statFields, statusField } from './kernel.ts';

const MAX_TASKS = 2000;
const MAX_DESCRIPTORS = 64;

function entries(path: string): string[] {
  try {
    return readdirSync(path).sort((a, b) => Number(a) - Number(b));
  } catch {
    return [];
  }
}

/** Milliseconds on a processor: `schedstat` counts nanoseconds where `stat` counts ticks. */
function processorTime(task: string): number | null {
  const nanoseconds = readOrNull(`${task}/schedstat`)?.split(' ')[0];
  return nanoseconds === undefined ? null : Number(nanoseconds) / 1e6;
}

function readTask(pid: number, tid: string): Thread | null {
  const task = `/proc/${pid}/task/${tid}`;
  const stat = readOrNull(`${task}/stat`);
  if (stat === null) return null;
  const wchan = readOrNull(`${task}/wchan`);
  const state = statFields(stat)[0] ?? '?';
  const cpu = processorTime(task);
  return {
    name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    tid: Number(tid),
    main: Number(tid) === pid,
    state: wchan && wchan !== '0' ? `${state} ${wchan}` : state,
    ...(cpu === null ? {} : { cpu }),
    frames: [],
  };
}

function describeDescriptors(pid: number): string[] {
  const numbers = entries(`/proc/${pid}/fd`);
  const lines = numbers.slice(0, MAX_DESCRIPTORS).flatMap((number) => {
    try {
      return [`fd ${number}: ${readlinkSync(`/proc/${pid}/fd/${number}`)}`];
    } catch {
      return [];
    }
  });
  const left = numbers.length - MAX_DESCRIPTORS;
  return left > 0 ? [...lines, `(${left} more descriptors)`] : lines;
}

/** The number and the first argument, which of a read is the descriptor: `0 0x0`. What else stands there is no call. */
function callOf(syscall: string): string {
  const [number = '', argument] = syscall.split(' ');
  return argument === undefined || number.startsWith('-') ? number : `${number} ${argument}`;
}

export interface ProcSnapshot {
  readonly threads: readonly Thread[];
  /** State, system call, descriptors, children: a line each, not yet masked. */
  readonly text: string;
}

/** What `/proc` tells of a process without any right to trace it; null where it has gone. */
export function readProc(pid: number): ProcSnapshot | null {
  const state = statusField(pid, 'State');
  if (state === null) return null;
  const tids = entries(`/proc/${pid}/task`).slice(0, MAX_TASKS);
  const tracer = statusField(pid, 'TracerPid');
  const children = readOrNull(`/proc/${pid}/task/${pid}/children`)?.trim();
  const syscall = readOrNull(`/proc/${pid}/syscall`)?.trim();
  const lines = [
    `state: ${state}`,
    `threads: ${tids.length}`,
    ...(tracer !== null && tracer !== '0' ? [`traced by: ${tracer}`] : []),
    ...(syscall ? [`syscall: ${callOf(syscall)}`] : []),
    ...(children ? [`children: ${children}`] : []),
    ...describeDescriptors(pid),
  ];
  return {
    threads: tids.map((tid) => readTask(pid, tid)).filter((thread) => thread !== null),
    text: lines.join('\n'),
  };
}
