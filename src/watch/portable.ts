import { spawnSync } from 'node:child_process';
import { now } from './clock.ts';
import type { Platform, ProcessStat } from './platform.ts';

/** pid, parent, group, state, start (five words), command. */
const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;
const PS_FIELDS = 'pid=,ppid=,pgid=,state=,lstart=,command=';

/** Milliseconds for which a list of all processes answers for each of them: one `ps` costs as much as all. */
const FRESH = 50;

interface PsProcess extends ProcessStat {
  readonly command: string;
}

export function parsePs(text: string): PsProcess[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, state, startTime, command] = PS_LINE.exec(line) ?? [];
    if (pid === undefined || startTime === undefined || state === undefined) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      // `ps` names no session on macOS; the group stands for it.
      session: Number(group),
      state,
      startTime,
      command: command ?? '',
    };
  });
}

function ps(...selection: string[]): PsProcess[] {
  const { stdout } = spawnSync('ps', [...selection, '-o', PS_FIELDS], { encoding: 'utf8', timeout: 5000 });
  return parsePs(stdout ?? '');
}

/**
 * What other systems tell without their own interfaces. Written for macOS and Windows, tried on neither: no
 * environments and no descriptors there, so that the tree is known by lineage and group alone.
 */
export function portable(system: NodeJS.Platform): Platform {
  if (system === 'win32') return windows;
  let listed = new Map<number, PsProcess>();
  let listedAt = -Infinity;
  const find = (pid: number) => {
    const known = now() - listedAt < FRESH ? listed.get(pid) : undefined;
    return known ?? ps('-p', String(pid))[0];
  };
  return {
    hasProc: false,
    pids: () => {
      listed = new Map(ps('-ax').map((process) => [process.pid, process]));
      listedAt = now();
      return [...listed.keys()];
    },
    stat: (pid) => find(pid) ?? null,
    environment: () => null,
    command: (pid) => find(pid)?.command ?? '',
    ownPid: (pid) => pid,
    holds: () => [],
    isPython: () => null,
    startedSince: (process, reference) => Date.parse(process.startTime) >= Date.parse(reference.startTime),
    kill: (pid, signal) => {
      process.kill(pid, signal);
    },
    killGroup: (group) => {
      process.kill(-group, 'SIGKILL');
    },
  };
}

const windows: Platform = {
  hasProc: false,
  pids: () => [],
  stat: (pid) => {
    if (pid <= 0) return null;
    try {
      process.kill(pid, 0);
    } catch {
      return null;
    }
    return { pid, startTime: '', parent: 0, group: pid, session: pid, state: 'R' };
  },
  environment: () => null,
  command: () => '',
  ownPid: (pid) => pid,
  holds: () => [],
  isPython: () => null,
  startedSince: () => false,
  // `process.kill` would end the one process and leave its children.
  kill: (pid) => {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', timeout: 5000 });
  },
  killGroup: () => {},
};
