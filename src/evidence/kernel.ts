import { readdirSync, readFileSync } from 'node:fs';

export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The fields of a `stat` file after the name, which may itself hold spaces and parentheses: field 3 is `[0]`. */
export function statFields(stat: string): string[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ');
}

/** `R`, `S`, `D`, `T`, `t`, `Z`; null where the process has gone or can't be read. */
export function kernelState(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat === null ? null : (statFields(stat)[0] ?? null);
}

/** Field 22 of `/proc/PID/stat`. */
export function startTimeOf(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat === null ? null : (statFields(stat)[19] ?? null);
}

/** One line of `/proc/PID/status`. */
export function statusField(pid: number, name: string): string | null {
  return fieldOf(readOrNull(`/proc/${pid}/status`), name);
}

function fieldOf(status: string | null, name: string): string | null {
  const line = status?.split('\n').find((each) => each.startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trim();
}

/** The number by which it knows itself: another one than ours where it lies in a pid namespace of its own. */
export function ownPidOf(pid: number): number {
  const last = statusField(pid, 'NSpid')?.split(/\s+/).at(-1);
  return last === undefined ? pid : Number(last);
}

/** Who traces it, so that nobody else can: 0 for nobody. */
export function tracerOf(pid: number): number {
  return Number(statusField(pid, 'TracerPid') ?? 0);
}

function hasSignal(mask: string | null, signal: number): boolean {
  return (
    mask !== null && /^[0-9a-f]+$/i.test(mask) && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n
  );
}

/** Whether a process handles a signal. One that it doesn't handle would end it. */
export function catchesSignal(pid: number, signal: number): boolean {
  return hasSignal(statusField(pid, 'SigCgt'), signal);
}

/** Whether every thread of a process has a signal blocked, so that it would only stay pending. */
export function blocksSignal(pid: number, signal: number): boolean {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.every((tid) =>
      hasSignal(fieldOf(readOrNull(`/proc/${pid}/task/${tid}/status`), 'SigBlk'), signal),
    );
  } catch {
    return false;
  }
}
