import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOnPath } from '../toolchain/findOnPath.ts';
import { kernelState, startTimeOf } from './kernel.ts';

/** What a tool said. `error` is set where its words are no answer; they may still help. */
export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly error: string | null;
}

export interface ToolCall {
  readonly argv: readonly [string, ...string[]];
  /** Milliseconds. */
  readonly timeout: number;
  /** The process that it looks at. */
  readonly pid: number;
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
      else end(firstWords(streams.stderr) || (signal ? `ended by ${signal}` : `exit code ${code}`));
    });
  });
}

/** The line that says why: tools print hints and tracebacks around it. */
function firstWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const reason = lines.findLast((line) => /error|fail|denied|permitted|refused/i.test(line));
  return reason ?? lines.find((line) => line !== '') ?? '';
}

/** Without memory or numbers for one more process the start itself throws. */
function attempt(call: ToolCall): Promise<ToolOutput> {
  return run(call).catch((error: unknown) => ({
    stdout: '',
    stderr: '',
    error: error instanceof Error ? error.message : String(error),
  }));
}

/** Runs a tool in a group of its own, bounded; where the system refuses it, once more through `sudo -n`. */
export async function runTool(call: ToolCall): Promise<ToolOutput> {
  const started = performance.now();
  const first = await attempt(call);
  const isRefused = first.error !== null && REFUSED.test(first.error + first.stderr);
  if (!isRefused || process.getuid?.() === 0) return first;
  const path = process.env['PATH'];
  const [sudo, timeout] = [findOnPath('sudo', path), findOnPath('timeout', path)];
  const left = call.timeout - (performance.now() - started);
  if (sudo === null || timeout === null || left <= 0) return first;
  const seconds = (left / 1000).toFixed(3);
  const second = await attempt({
    ...call,
    timeout: left,
    argv: [sudo, '-n', timeout, '-s', 'KILL', seconds, ...call.argv],
  });
  return second.error === null ? second : first;
}
