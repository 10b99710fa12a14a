import { readFileSync } from 'node:fs';

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
  const status = readOrNull(`/proc/${pid}/status`);
  const line = status?.split('\n').find((each) => each.startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trim();
}

/** Who traces it, so that nobody else can: 0 for nobody. */
export function tracerOf(pid: number): number {
  return Number(statusField(pid, 'TracerPid') ?? 0);
}

/** Whether a process handles a signal. One that it doesn't handle would end it. */
export function catchesSignal(pid: number, signal: number): boolean {
  const mask = statusField(pid, 'SigCgt');
  return (
    mask !== null && /^[0-9a-f]+$/i.test(mask) && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n
  );
}
