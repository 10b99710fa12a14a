import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Thread } from '../report/model.ts';
import { findOnPath } from '../toolchain/findOnPath.ts';
import { kernelState, startTimeOf } from './kernel.ts';

export interface LayerResult {
  readonly threads: readonly Thread[];
  /** Why it saw nothing; null where it saw something. */
  readonly error: string | null;
}

interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not end well. Its words may be an answer all the same. */
  readonly error: string | null;
}

export interface ToolCall {
  readonly argv: readonly [string, ...string[]];
  /** Milliseconds. */
  readonly timeout: number;
  /** The process that it looks at. */
  readonly pid: number;
  /** What its output tells. */
  readonly read: (stdout: string) => readonly Thread[];
}

const MAX_OUTPUT = 8 * 1024 * 1024;
/** Milliseconds that a killed tool has to be gone. */
const LAST_MOMENTS = 300;
const REFUSED =
  /permission denied|operation not permitted|not permitted|eperm|insufficient privilege|ptrace/i;

/** Neither the user's Python settings nor the probe's variables are for the tools. */
function toolEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C.UTF-8' };
  for (const name of ['PATH', 'HOME', 'TMPDIR']) env[name] = process.env[name];
  return env;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended, or is root's: `timeout` ends that one.
  }
}

/** A tracer that is killed between its attach and its detach can leave the process stopped. */
async function resumeIfLeftStopped(
  { pid, startTime }: { readonly pid: number; readonly startTime: string | null },
  tool: ChildProcess,
): Promise<void> {
  const exited = tool.exitCode !== null || tool.signalCode !== null;
  // Until the tracer has gone the process is still its own.
  if (!exited) await Promise.race([once(tool, 'exit'), sleep(LAST_MOMENTS, undefined, { ref: false })]);
  if (kernelState(pid) !== 'T' || startTimeOf(pid) !== startTime) return;
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // Gone.
  }
}

function run({ argv, timeout, pid }: ToolCall): Promise<ToolOutput> {
  const [file, ...args] = argv;
  const [startTime, stateBefore] = [startTimeOf(pid), kernelState(pid)];
  return new Promise((settle) => {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: toolEnvironment(),
    });
    const streams = { stdout: '', stderr: '' };
    let ended = false;
    const end = (error: string | null): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      const settled = { ...streams, error };
      if (error === null || child.pid === undefined || stateBefore === 'T') settle(settled);
      else void resumeIfLeftStopped({ pid, startTime }, child).finally(() => settle(settled));
    };
    // Only while it lives, or something of its own that keeps its output open: later the number may be another's.
    const cutOff = (error: string): void => {
      if (!ended) killGroup(child.pid);
      end(error);
    };
    const timer = setTimeout(() => cutOff(`no answer within ${Math.round(timeout)} ms`), timeout);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => {
        streams[name] += text;
        if (streams[name].length > MAX_OUTPUT) cutOff('its output is too large');
      });
    }
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) end(null);
      else
        end(
          reasonIn(streams.stderr) ??
            firstLine(streams.stderr) ??
            (signal ? `ended by ${signal}` : `exit code ${code}`),
        );
    });
  });
}

/** The line that says why: tools print hints and tracebacks around it. */
function reasonIn(stderr: string): string | undefined {
  return linesOf(stderr).findLast((line) => /error|fail|denied|permitted|refused/i.test(line));
}

function firstLine(stderr: string): string | undefined {
  return linesOf(stderr).find((line) => line !== '');
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trim());
}

async function attempt(call: ToolCall): Promise<LayerResult & { readonly refused: boolean }> {
  // Without memory or numbers for one more process the start itself throws.
  const { stdout, stderr, error } = await run(call).catch((thrown: unknown) => ({
    stdout: '',
    stderr: '',
    error: thrown instanceof Error ? thrown.message : String(thrown),
  }));
  const threads = call.read(stdout);
  if (threads.some(({ frames }) => frames.length > 0)) return { threads, error: null, refused: false };
  // gdb that is refused, and whatever comes second of two tracers at once, end with exit code 0.
  const why = error ?? reasonIn(stderr) ?? 'it saw no frame';
  return { threads: [], error: why, refused: REFUSED.test(why + stderr) };
}

/** Asks a tool, in a group of its own, bounded; where the system refuses it, once more through `sudo -n`. */
export async function askTool(call: ToolCall): Promise<LayerResult> {
  const started = performance.now();
  const { refused, ...first } = await attempt(call);
  if (!refused || process.getuid?.() === 0) return first;
  const path = process.env['PATH'];
  const [sudo, timeout] = [findOnPath('sudo', path), findOnPath('timeout', path)];
  const left = call.timeout - (performance.now() - started);
  if (sudo === null || timeout === null || left <= 0) return first;
  const seconds = (left / 1000).toFixed(3);
  const { refused: _, ...second } = await attempt({
    ...call,
    timeout: left,
    argv: [sudo, '-n', timeout, '-s', 'KILL', seconds, ...call.argv],
  });
  return second.error === null ? second : first;
}
