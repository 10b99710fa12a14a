import type { Target } from './target.ts';
/**
 * The child that a process waits for between vfork and exec. The waiting process answers no tool, but until then the
 * child runs in its memory, on the stack of the thread that called vfork: what a tool sees below the child is the
 * parent's own stack. Null where the main thread waits for no such child.
 */
export declare function vforkChildOf(pid: number): Target | null;
