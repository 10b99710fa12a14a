import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';
import type { Channel } from './channel.ts';
import { now } from './clock.ts';
import type { Stdin, WatchRequest } from './request.ts';

export type Spawned =
  | { readonly kind: 'spawned'; readonly child: ChildProcess; readonly pid: number; readonly at: number }
  | { readonly kind: 'refused'; readonly why: string };

type Command = Pick<WatchRequest, 'argv' | 'cwd' | 'env'>;

/** In a session of its own, so that its whole tree can be told from ours and the terminal's signals reach only us. */
export function spawnProgram(
  request: Command & Pick<WatchRequest, 'stdin'>,
  channel: Channel,
): Promise<Spawned> {
  const [program, ...args] = request.argv;
  const stdin = openStdin(request.stdin, request.cwd);
  if (stdin.kind === 'refused') return Promise.resolve(stdin);
  const at = now();
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...request.env },
      stdio: [stdin.stdio, ...channel.stdio],
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    return Promise.resolve({ kind: 'refused', why: `${program} can't be started: ${messageOf(error)}` });
  }
  stdin.given(child);
  const { pid } = child;
  if (pid !== undefined) {
    // A later error is one of kill's: the caller sees for itself whether the process lives.
    child.on('error', () => {});
    return Promise.resolve({ kind: 'spawned', child, pid, at });
  }
  return new Promise((answer) => {
    child.on('error', (error) => answer({ kind: 'refused', why: wordsFor(error, program) }));
  });
}

type OpenStdin =
  | {
      readonly kind: 'ready';
      readonly stdio: 'ignore' | 'inherit' | 'pipe' | number;
      readonly given: (child: ChildProcess) => void;
    }
  | { readonly kind: 'refused'; readonly why: string };

function openStdin(stdin: Stdin, cwd: string): OpenStdin {
  const nothing = () => {};
  switch (stdin.kind) {
    case 'empty':
      return { kind: 'ready', stdio: 'ignore', given: nothing };
    case 'inherit':
      return { kind: 'ready', stdio: 'inherit', given: nothing };
    case 'open':
      return { kind: 'ready', stdio: 'pipe', given: (child) => child.stdin?.on('error', nothing) };
    case 'text':
      return {
        kind: 'ready',
        stdio: 'pipe',
        given: (child) => {
          // A program need not read its input: EPIPE is no fault.
          child.stdin?.on('error', nothing);
          child.stdin?.end(stdin.text);
        },
      };
    case 'file': {
      const path = resolve(cwd, stdin.path);
      try {
        const descriptor = openSync(path, 'r');
        return { kind: 'ready', stdio: descriptor, given: () => closeSync(descriptor) };
      } catch (error) {
        return { kind: 'refused', why: `its input ${path} can't be opened: ${codeOf(error)}` };
      }
    }
  }
}

function wordsFor(error: Error, program: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `${program} can't be started: its interpreter or loader doesn't exist`;
    case 'EACCES':
      return `${program} can't be started: permission denied`;
    case 'E2BIG':
      return `${program} can't be started: its arguments and environment are too long`;
    default:
      return `${program} can't be started: ${error.message}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/**
 * What the kernel would refuse, in words; null where nothing speaks against a start. Asked first because the C
 * library hands to `/bin/sh` what the kernel can't run: an empty or foreign file would then "pass" or "fail".
 */
export function refusal(command: Command): string | null {
  const [program] = command.argv;
  if (!isFolder(command.cwd)) return `the working directory ${command.cwd} doesn't exist`;
  if (process.platform === 'win32') return null;
  const path = locate(program, command);
  if (path === null) return `${program}: no such file or command`;
  if (isFolder(path)) return `${path} is a folder`;
  if (!isExecutable(path)) return `${path} is not executable`;
  return refusalOf(path);
}

function refusalOf(path: string): string | null {
  const start = firstBytes(path);
  if (start === null || isMachO(start)) return null;
  if (isElf(start)) {
    return isForeignElf(start) && !hasForeignFormats()
      ? `${path} is for another processor: exec format error`
      : null;
  }
  if (start.subarray(0, 2).toString('latin1') === '#!') {
    const line = start.subarray(2).toString('latin1').split('\n', 1)[0] ?? '';
    const interpreter = line.trim().split(/[ \t]/, 1)[0] ?? '';
    if (interpreter === '') return `${path} names no interpreter after #!`;
    if (isAbsolute(interpreter) && !isExecutable(interpreter)) {
      return `${path} needs the interpreter ${interpreter}, which ${existsSync(interpreter) ? 'is not executable' : "doesn't exist"}`;
    }
    return null;
  }
  return hasForeignFormats() ? null : `${path} is no program: exec format error (no #! line, no binary)`;
}

function locate(program: string, { cwd, env }: Command): string | null {
  if (program.includes('/')) {
    const path = resolve(cwd, program);
    return existsSync(path) ? path : null;
  }
  const folders = (env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  const candidates = folders.map((folder) => resolve(cwd, folder, program)).filter((path) => !isFolder(path));
  return candidates.find(isExecutable) ?? candidates.find((path) => existsSync(path)) ?? null;
}

/** Linux can be taught other formats: Java archives, Wine, emulated processors. */
function hasForeignFormats(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some((name) => name !== 'register' && name !== 'status');
  } catch {
    return false;
  }
}

function firstBytes(path: string): Buffer | null {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(256);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Executable, but not readable.
    return null;
  }
}

function isElf(start: Buffer): boolean {
  return start.subarray(0, 4).toString('latin1') === '\x7fELF';
}

/** Of the same word length, so that a 32-bit program on its 64-bit processor isn't refused. */
function isForeignElf(start: Buffer): boolean {
  const own = firstBytes(process.execPath);
  if (own === null || !isElf(own) || start[4] !== own[4]) return false;
  return !start.subarray(18, 20).equals(own.subarray(18, 20));
}

function isMachO(start: Buffer): boolean {
  return ['cffaedfe', 'cefaedfe', 'cafebabe'].includes(start.subarray(0, 4).toString('hex'));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
