import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { catchesSignal, kernelState, ownPidOf } from './kernel.ts';
import type { Probe } from './prepareProbe.ts';

/**
 * Whether a process has put the dump signal's handler away: CPython does so between its last module and its last
 * interpreter. It tells native-exit where neither a mark nor a stack can.
 */
export function isPastPython(pid: number, { dumpFolder, dumpSignal }: Probe): boolean {
  const hadHandler = existsSync(join(dumpFolder, String(ownPidOf(pid))));
  const state = kernelState(pid);
  // The dead handle nothing either.
  return hadHandler && state !== null && state !== 'Z' && state !== 'X' && !catchesSignal(pid, dumpSignal);
}
