import { exec } from '@actions/exec';
import { problem } from '../problem.ts';
import type { ToolContext } from './context.ts';
import { failureReason, UNREACHABLE } from './failureReason.ts';

/** A program that is given as an argument would fill the log. */
function inOneLine(argument: string): string {
  const [first = '', ...more] = argument.trim().split('\n');
  return more.length === 0 ? argument : `${first} …`;
}

/** More than any reason needs; a compiler can print hundreds of megabytes. */
const CAPTURE_LIMIT = 1 << 20;

export interface ToolCommand {
  /** Absolute path of the executable. */
  readonly tool: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with its first line. */
  readonly onStart?: () => void;
}

export interface ToolResult {
  readonly exitCode: number;
  /** The last megabyte at most, credentials masked in neither: mask before showing. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a build command to its end, whatever its exit code; the job limits how long. `what` it does is said where it has
 * to be given up. No command of ours reads its stdin: pip, pex and uv are told
 * not to ask, and pip closes it for build backends. (The library's `input`, even empty, crashes the whole process when
 * a tool is gone before it is written.)
 */
export async function runTool(command: ToolCommand, context: ToolContext, what: string): Promise<ToolResult> {
  const { log, cancel } = context;
  if (cancel?.aborted === true) throw problem('build', `cancelled by ${String(cancel.reason)}`);
  log.debug(maskCredentials(`$ ${[command.tool, ...command.args].map(inOneLine).join(' ')}`));
  const stdout = capture();
  const stderr = capture();
  let lastLine = '';
  let told = false;
  const debug = (line: string): void => {
    if (!told) command.onStart?.();
    told = true;
    const masked = maskCredentials(line);
    if (masked.trim() !== '') lastLine = masked.trim();
    log.debug(masked);
  };
  const running = { what, lastLine: () => lastLine };
  context.running?.add(running);
  const exitCode = await exec(quoted(command.tool), [...command.args], {
    silent: true,
    ignoreReturnCode: true,
    // pex goes by PWD where it is set, and the caller's is another folder.
    env: { ...command.env, ...(command.cwd === undefined ? {} : { PWD: command.cwd }) },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    // A daemon that a build left behind (a compiler cache, say) keeps the pipes: no reason to wait for it.
    delay: 2_000,
    listeners: { stdout: stdout.add, stderr: stderr.add, stdline: debug, errline: debug },
  }).finally(() => context.running?.delete(running));
  // Node gives null for a death by signal, which the library hands on as it is.
  const code: unknown = exitCode;
  return { exitCode: typeof code === 'number' ? code : 1, stdout: stdout.text(), stderr: stderr.text() };
}

/** As `runTool`, but a failure is thrown as a build problem: `what` completes "… failed". */
export async function mustRun(
  command: ToolCommand,
  context: ToolContext,
  what: string,
  hint?: string,
): Promise<ToolResult> {
  const result = await runTool(command, context, what);
  if (result.exitCode !== 0) throw toolProblem(result, what, hint);
  return result;
}

export function toolProblem(result: ToolResult, what: string, hint?: string): Error {
  const reason = maskCredentials(failureReason(result.stderr, result.stdout));
  if (/No module named 'distutils/.test(reason)) {
    return problem(
      'build',
      `${what} failed: this Python has no distutils, without which pip does not run before 3.10`,
      {
        hint: 'On Debian and Ubuntu it is in the package python3-distutils.',
      },
    );
  }
  const said = reason === '' ? `exit code ${result.exitCode}, and nothing was said` : reason;
  return problem('build', `${maskCredentials(what)} failed: ${said}`, { hint: hintOn(reason) ?? hint });
}

/** What helps with a reason that is the same whatever failed by it. */
function hintOn(reason: string): string | undefined {
  if (reason.startsWith(UNREACHABLE)) {
    return 'Which index is asked, and through which proxy, is what pip is set to: `pip config list` and the variables PIP_INDEX_URL and HTTPS_PROXY tell.';
  }
  if (reason.includes('does not match its hash')) {
    return 'Lock again where the lock is old or was edited by hand. Otherwise the index gives another file than the one that was locked: find out why before you take it.';
  }
  return undefined;
}

/** Index addresses carry passwords; no log, report or message may. */
export function maskCredentials(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/\s]+@/gi, '$1****@');
}

/** The library splits its first argument at spaces unless it is quoted. */
function quoted(path: string): string {
  return `"${path.replaceAll('"', '\\"')}"`;
}

function capture(): { add: (chunk: Buffer) => void; text: () => string } {
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= 2 * CAPTURE_LIMIT) return;
      const kept = Buffer.concat(chunks).subarray(-CAPTURE_LIMIT);
      chunks = [kept];
      size = kept.length;
    },
    text: () => Buffer.concat(chunks).subarray(-CAPTURE_LIMIT).toString('utf8'),
  };
}
