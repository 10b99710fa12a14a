import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cancelSignal } from '../cancel.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exitCodes.ts';
import { hasBroken } from '../fault.ts';
import { shownPath } from '../job/paths.ts';
import type { Log } from '../log.ts';
import { problem } from '../problem.ts';
import { writeReportFiles } from '../report/files.ts';
import { reportJson } from '../report/json.ts';
import type { Report } from '../report/model.ts';
import { renderTerminal } from '../report/terminal.ts';
import { statsOf } from '../stats.ts';
import type { Ui } from '../ui.ts';
import type { Sink } from './sink.ts';
import { createTerminalLog } from './terminalLog.ts';

export interface Streams {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

export interface Wishes {
  /** Absolute. */
  readonly report: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly onStall?: 'fail' | 'warn' | 'use-venv';
  /** Absolute; for a command that leaves its report and stacks there unasked. */
  readonly reportFolder?: string;
}

/** A report that can't be written is better known before an hour of work than after it. */
function ensureWritable(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const there = statsOf(file);
    if (there?.isDirectory() === true) throw new Error('it is a folder');
    accessSync(there === null ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw problem(
      'settings',
      `--report: got “${file}”, takes a file that can be written (${reasonOf(error)})`,
    );
  }
}

/**
 * One job from its settings to its exit code: a terminal for it, the report on the screen and in its file.
 * `own` is where exitproof's own words go; with `--json` that is stderr, whatever the command wants.
 */
export async function perform(
  wishes: Wishes,
  streams: Streams,
  own: 'stdout' | 'stderr',
  passQuietly: boolean,
  work: (ui: Ui) => Promise<Report>,
): Promise<ExitCode> {
  if (wishes.report !== null) ensureWritable(wishes.report);
  const cancel = cancelSignal();
  const words = wishes.json ? streams.stderr : streams[own];
  const log = createTerminalLog({
    own: words,
    program:
      wishes.quiet && !passQuietly
        ? null
        : { stdout: wishes.json ? streams.stderr : streams.stdout, stderr: streams.stderr },
    quiet: wishes.quiet,
    verbose: wishes.verbose,
  });
  const report = await work({ log, cancel: cancel.signal });
  if (hasBroken()) return EXIT.internal;
  const dumpFile = wishes.reportFolder === undefined ? null : leave(report, wishes.reportFolder, log);
  if (!wishes.quiet || wentWrong(report)) {
    const options = { color: words.hasColor, width: words.width, verbose: wishes.verbose, dumpFile };
    log.block(renderTerminal(report, options));
  }
  if (wishes.json) streams.stdout.write(reportJson(report));
  if (wishes.report !== null) writeFileSync(wishes.report, reportJson(report));
  return exitCodeOf(report, cancel.by(), wishes.onStall);
}

/** Answers with the file of the stacks, as it is shown. That nothing can be written there costs no verdict. */
function leave(report: Report, folder: string, log: Log): string | null {
  try {
    const { dump } = writeReportFiles(report, folder);
    return dump === null ? null : shownPath(dump, process.cwd());
  } catch (error) {
    log.warning(`the report could not be written to output: ${reasonOf(error)}`);
    return null;
  }
}

function wentWrong({ verdict, warnings, runs }: Report): boolean {
  return verdict !== 'passed' || warnings.length > 0 || runs.some((run) => run.warnings.length > 0);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
