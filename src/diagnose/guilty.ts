import type { Frame } from '../report/model.ts';
import { type Chain, sinceFork, userFrame } from './chain.ts';
import type { Facts, Stack } from './facts.ts';
import { inFile, isFrame, waitOf } from './waiting.ts';

export interface Blamed {
  readonly frame: Frame;
  readonly stack: Stack;
}

/** Where libraries wait on behalf of their caller: as the place to look at these say nothing. */
const WAITS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:wait|wait_for|acquire|__enter__|join|_wait_for_tstate_lock)$/u, /\/threading\.py$/u],
  [/^(?:select|poll)$/u, /\/selectors\.py$/u],
  [/^(?:poll|wait|_wait|_try_wait|join)$/u, /\/(?:subprocess|multiprocessing\/(?:process|popen_\w+))\.py$/u],
  [
    /^(?:_send|_send_bytes|send_bytes|_recv|_recv_bytes|recv_bytes|wait)$/u,
    /\/multiprocessing\/connection\.py$/u,
  ],
];

const isWait = (frame: Frame) => WAITS.some(([name, file]) => isFrame(frame, name, file));

/**
 * The innermost frame outside the standard library and installed packages, at the end of the wait chain;
 * with no such frame there, that of whoever waits for it; else the innermost library or native frame.
 */
export function findGuilty(chain: Chain, facts: Facts): Blamed | null {
  const fromEnd = chain.toReversed();
  for (const stack of fromEnd) {
    const frame = userFrame(stack, facts);
    if (frame !== null) return { frame, stack };
  }
  for (const stack of fromEnd) {
    const frame = libraryFrame(stack);
    if (frame !== null) return { frame, stack };
  }
  for (const stack of fromEnd) {
    const frame = nativeFrame(stack);
    if (frame !== null) return { frame, stack };
  }
  return null;
}

function libraryFrame({ python }: Stack): Frame | null {
  const own = sinceFork(python);
  return own.find((frame) => !isWait(frame)) ?? own[0] ?? null;
}

const SYSTEM_LIBRARY =
  /\/(?:libc|libpthread|ld|ld-linux\S*|libm|libdl|libstdc\+\+|libgcc_s)[-.]\S*$|(?:^|\/)(?:nptl|sysdeps|csu|elf|stdlib|io)\//u;
const INTERPRETER =
  /\/(?:libpython[\d.]+\S*|python[\d.]*)$|(?:^|\/)(?:Python|Objects|Modules|Include|Parser)\//u;
const ANONYMOUS = /^(?:\?+|<unknown>|0x[0-9a-f]+|_start|main)?$/u;

/** The innermost that a library of someone's is in; else what the interpreter does; else the system call. */
function nativeFrame({ mixed }: Stack): Frame | null {
  const named = mixed.filter((frame) => frame.native === true && !ANONYMOUS.test(frame.function));
  return foreignFrame(mixed) ?? named.find((frame) => !inFile(frame, SYSTEM_LIBRARY)) ?? named[0] ?? null;
}

/** In a function of the C library, whose source no user has: `clock_nanosleep.c:71` says nothing to anyone. */
export function isSystemFrame(frame: Frame): boolean {
  return frame.native === true && inFile(frame, SYSTEM_LIBRARY);
}

/** A function of the interpreter's own that was stripped of its name. */
export function isNameless(frame: Frame): boolean {
  return frame.native === true && ANONYMOUS.test(frame.function) && inFile(frame, INTERPRETER);
}

/** The innermost named native frame that is neither the system's nor the interpreter's. */
export function foreignFrame(frames: readonly Frame[]): Frame | null {
  const foreign = (frame: Frame) =>
    frame.native === true &&
    frame.file !== null &&
    !ANONYMOUS.test(frame.function) &&
    !inFile(frame, SYSTEM_LIBRARY) &&
    !inFile(frame, INTERPRETER);
  return frames.find(foreign) ?? null;
}

/** Who holds the lock that the blamed frame waits for; null unless just one thread can be it. */
export function findHolder({ stack }: Blamed, facts: Facts): Blamed | null {
  if (waitOf(stack) !== 'lock') return null;
  const process = [facts.main, ...facts.children].find((one) => one?.pid === stack.pid) ?? null;
  const candidates = (process?.stacks ?? [])
    .filter((other) => other !== stack)
    .flatMap((other) => {
      const frame = userFrame(other, facts);
      return frame === null ? [] : [{ frame, stack: other }];
    });
  const [only] = candidates;
  return candidates.length === 1 && only !== undefined ? only : null;
}
