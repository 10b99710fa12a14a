import { kernelState, readOrNull, startTimeOf } from './kernel.ts';
import type { Target } from './target.ts';

/**
 * The child that a process waits for between vfork and exec. The waiting process answers no tool, but until then the
 * child runs in its memory, on the stack of the thread that called vfork: what a tool sees below the child is the
 * parent's own stack. Null where the main thread waits for no such child.
 */
export function vforkChildOf(pid: number): Target | null {
  if (kernelState(pid) !== 'D') return null;
  const children = readOrNull(`/proc/${pid}/task/${pid}/children`)?.trim().split(' ') ?? [];
  for (const child of children.map(Number)) {
    const startTime = startTimeOf(child);
    if (startTime !== null && shareMemory(pid, child)) {
      return { pid: child, startTime, role: 'descendant', command: '' };
    }
  }
  return null;
}

/** After an ordinary fork the maps are alike, too; the sizes, to the page, are those of one memory only. */
function shareMemory(one: number, other: number): boolean {
  return ['maps', 'statm'].every((name) => {
    const text = readOrNull(`/proc/${one}/${name}`);
    return text !== null && text !== '' && text === readOrNull(`/proc/${other}/${name}`);
  });
}
