import type { Frame } from '../report/model.ts';
import type { Stack } from './facts.ts';

/** What the innermost part of a stack waits for. */
export type Wait =
  | 'gil'
  | 'lock'
  | 'event'
  | 'queue'
  | 'thread'
  | 'child'
  | 'accept'
  | 'socket'
  | 'stdin'
  | 'read'
  | 'write'
  | 'sleep';

/** Whether any Python frame is this function of a file whose path ends so (`/queue.py`). */
export function has(stack: Stack, name: string | RegExp, file: string | RegExp): boolean {
  return stack.python.some((frame) => isFrame(frame, name, file));
}

export function isFrame(frame: Frame, name: string | RegExp, file: string | RegExp): boolean {
  const called = typeof name === 'string' ? frame.function === name : name.test(frame.function);
  return called && inFile(frame, file);
}

export function inFile(frame: Frame, file: string | RegExp): boolean {
  const path = `/${(frame.file ?? '').replaceAll('\\', '/')}`;
  return typeof file === 'string' ? path.endsWith(file) : file.test(path);
}

/** Whether any native frame is such a function. Symbol versions (`read@GLIBC_2.2.5`) don't count. */
export function hasNative(stack: Stack, name: RegExp): boolean {
  return stack.mixed.some((frame) => frame.native === true && name.test(symbol(frame)));
}

export function symbol(frame: Frame): string {
  return frame.function
    .replace(/@.*$/u, '')
    .replace(/ \(inlined\)$/u, '')
    .replace(/\.(?:constprop|part|isra|cold)\..*$/u, '');
}

const EVALUATES = /^(?:_PyEval_EvalFrame|PyEval_EvalFrame|_PyEval_Vector|function_code_fastcall)/u;

/** The native frames inside the innermost Python frame: what C code it called. */
export function innerNative(stack: Stack): readonly Frame[] {
  const at = stack.mixed.findIndex((frame) => frame.native !== true || EVALUATES.test(symbol(frame)));
  return at === -1 ? stack.mixed : stack.mixed.slice(0, at);
}

function inner(stack: Stack, name: RegExp): boolean {
  return innerNative(stack).some((frame) => name.test(symbol(frame)));
}

export function hasState(stack: Stack, state: RegExp): boolean {
  return stack.states.some((one) => state.test(one));
}

export const WANTS_GIL = /waiting for the gil/iu;
export const HAS_GIL = /has the gil|(?:owns|holds)(?: the)? gil|\+gil\b|^gil$/iu;
/** The kernel's letter, alone or before its explanation: `R`, `R (running)`. */
export const kernelState = (letter: string) => new RegExp(`(?:^|[\\s:;,=])${letter}(?:$|[\\s(;,])`, 'u');

const THREADING = '/threading.py';
const LOCK_NATIVE =
  /^(?:lock_PyThread_acquire_lock|lock_acquire|rlock_acquire|acquire_timed|_PyMutex_LockTimed|_PyRecursiveMutex_Lock|PyThread_acquire_lock_timed|_multiprocessing_SemLock_acquire|semlock_acquire)/u;
const QUEUE_NATIVE = /simplequeue_get/iu;
const RECEIVE =
  /^(?:sock_recv|sock_connect|sock_send|_socket_socket_|(?:__)?(?:libc_)?(?:recv|recvfrom|recvmsg|connect|send|sendto|sendmsg)$|PySSL_|_ssl__SSLSocket)/u;
const ACCEPT = /^(?:sock_accept|(?:__)?(?:libc_)?accept4?$)/u;
const WAIT_CHILD = /^(?:os_wait|(?:__)?(?:libc_)?(?:wait4?|waitpid|waitid)$|__wait)/u;
const STDIN_NATIVE = /^(?:builtin_input|PyOS_Readline|PyOS_StdioReadline|my_fgets|rl_)/u;
const READ =
  /^(?:(?:__)?(?:libc_)?(?:read|pread64|open|openat|open64)$|__GI___libc_(?:read|open)|os_(?:read|open))/u;
const WRITE = /^(?:(?:__)?(?:libc_)?(?:write|writev)$|__GI___libc_write|os_write)/u;
const SLEEP = /^(?:time_sleep|pysleep|(?:__)?(?:clock_)?nanosleep$)/u;
/** The system call `read`, of x86-64 and of arm64, with descriptor 0. */
const READS_ZERO = /^syscall: (?:0|63) 0x0$/u;

/** What a thread waits for, by its innermost Python frame and the C below it; null where it can't be told. */
export function waitOf(stack: Stack): Wait | null {
  const [top] = stack.python;
  if (inner(stack, /^take_gil$/u) || hasState(stack, WANTS_GIL)) return 'gil';
  const library = top === undefined ? null : waitOfLibrary(stack, top);
  return library ?? waitOfNative(stack);
}

function waitOfLibrary(stack: Stack, top: Frame): Wait | null {
  if (has(stack, 'get', /\/queue\.py$|\/multiprocessing\/queues\.py$/u) && inLibraryWait(top)) return 'queue';
  if (isFrame(top, /^(?:_wait_for_tstate_lock|join|_shutdown)$/u, THREADING)) return 'thread';
  if (inFile(top, THREADING))
    return /^(?:acquire|__enter__)$/u.test(top.function) ? 'lock' : waitInThreading(top);
  if (isFrame(top, /^(?:acquire|__enter__)$/u, '/multiprocessing/synchronize.py')) return 'lock';
  if (waitsForChild(stack, top)) return 'child';
  if (has(stack, /^(?:serve_forever|accept)$/u, /\/(?:socketserver|socket|ssl)\.py$/u)) return 'accept';
  if (inFile(top, /\/(?:socket|ssl)\.py$/u)) return 'socket';
  if (isFrame(top, /^(?:_send|_send_bytes)$/u, '/multiprocessing/connection.py')) return 'write';
  if (isFrame(top, /^(?:_recv|_recv_bytes)$/u, '/multiprocessing/connection.py')) return 'read';
  return /^(?:acquire|__enter__)$/u.test(top.function) && !inner(stack, /./u) ? 'lock' : null;
}

/** `communicate` reads the child's pipes in a selector's loop until the child closes them. */
function waitsForChild(stack: Stack, top: Frame): boolean {
  if (isFrame(top, /wait|poll|communicate/u, /\/subprocess\.py$|\/multiprocessing\/popen_\w+\.py$/u))
    return true;
  return inFile(top, '/selectors.py') && has(stack, '_communicate', '/subprocess.py');
}

function inLibraryWait(top: Frame): boolean {
  return inFile(top, /\/(?:threading|queue|multiprocessing\/(?:queues|connection|synchronize))\.py$/u);
}

function waitInThreading(top: Frame): Wait | null {
  return top.function === 'wait' || top.function === 'wait_for' ? 'event' : null;
}

function waitOfNative(stack: Stack): Wait | null {
  if (inner(stack, QUEUE_NATIVE)) return 'queue';
  if (inner(stack, /^(?:ThreadHandle_join|PyThreadHandleObject_join|thread_PyThread_join)/u)) return 'thread';
  if (inner(stack, LOCK_NATIVE)) return 'lock';
  if (inner(stack, ACCEPT)) return 'accept';
  if (inner(stack, RECEIVE)) return 'socket';
  if (inner(stack, WAIT_CHILD)) return 'child';
  if (inner(stack, STDIN_NATIVE) || hasState(stack, READS_ZERO)) return 'stdin';
  if (inner(stack, READ)) return 'read';
  if (inner(stack, WRITE)) return 'write';
  return inner(stack, SLEEP) ? 'sleep' : null;
}
