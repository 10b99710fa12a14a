import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Found {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes whose environment, command line or working directory contains `needle`: a cookie, a folder's name.
 * Zombies have none of these, so they don't count; neither does this process.
 */
export function processesWith(needle: string): readonly Found[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const command = text(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    const places = [
      command,
      text(() => readFileSync(`/proc/${pid}/environ`, 'utf8')),
      text(() => readlinkSync(`/proc/${pid}/cwd`)),
    ];
    const holds = places.some((place) => place.includes(needle));
    return holds ? [{ pid: Number(pid), command: command.split('\0').join(' ').trim() }] : [];
  });
}

/** What is still there after a while: a killed process takes a moment to leave the table. */
export async function processesLeft(needle: string, milliseconds = 3_000): Promise<readonly Found[]> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const left = processesWith(needle);
    if (left.length === 0 || performance.now() > end) return left;
    await sleep(50);
  }
}

/** Ends what a test would else leave to the next one. */
export function endProcessesWith(needle: string): void {
  for (const { pid } of processesWith(needle)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
}

function text(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
