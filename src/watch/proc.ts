import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ownPidOf } from '../evidence/kernel.ts';
import type { FileId, Platform, ProcessStat } from './platform.ts';

const COMMAND_LENGTH = 400;
const PYTHON_NAME = /^(python|pypy|graalpy)/i;

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The fields of `/proc/PID/stat`; the second one, the name, may hold spaces and brackets itself. */
export function parseStat(text: string): ProcessStat | null {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startTime = fields[19];
  if (!Number.isInteger(pid) || state === undefined || startTime === undefined) return null;
  return {
    pid,
    startTime,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    state,
  };
}

function stat(pid: number): ProcessStat | null {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return text === null ? null : parseStat(text);
}

function command(pid: number): string {
  const line = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
  const words = line.replaceAll('\0', ' ').trim();
  if (words !== '') return words.slice(0, COMMAND_LENGTH);
  const name = attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  return name === null ? '' : `[${name}]`;
}

function holds(pid: number, files: readonly FileId[]): readonly FileId[] {
  const folder = `/proc/${pid}/fd`;
  const found = new Set<FileId>();
  for (const name of attempt(() => readdirSync(folder)) ?? []) {
    const open = attempt(() => statSync(`${folder}/${name}`));
    const file = files.find(({ device, inode }) => open?.ino === inode && open.dev === device);
    if (file !== undefined) found.add(file);
  }
  return [...found];
}

function isPython(pid: number): boolean | null {
  const executable = attempt(() => readlinkSync(`/proc/${pid}/exe`));
  if (executable === null) return null;
  if (PYTHON_NAME.test(basename(executable))) return true;
  const maps = attempt(() => readFileSync(`/proc/${pid}/maps`, 'latin1'));
  return maps === null ? null : maps.includes('/libpython');
}

export const linux: Platform = {
  hasProc: true,
  pids: () => readdirSync('/proc').map(Number).filter(Number.isInteger),
  stat,
  environment: (pid) => attempt(() => readFileSync(`/proc/${pid}/environ`)),
  command,
  ownPid: ownPidOf,
  holds,
  isPython,
  startedSince: (process, reference) => Number(process.startTime) >= Number(reference.startTime),
  kill: (pid, signal) => {
    process.kill(pid, signal);
  },
  killGroup: (group) => {
    process.kill(-group, 'SIGKILL');
  },
};
