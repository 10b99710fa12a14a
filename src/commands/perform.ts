import { accessSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cancelSignal } from '../cancel.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exitCodes.ts';
import { hasBroken } from '../fault.ts';
import { problem } from '../problem.ts';
import { reportJson } from '../report/json.ts';
import type { Report } from '../report/model.ts';
import { renderTerminal } from '../report/terminal.ts';
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
}

/** A report that can't be written is better known before an hour of work than after it. */
function ensureWritable(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) throw new Error('it is a folder');
    accessSync(there === undefined ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('settings', `--report: got “${file}”, takes a file that can be written (${reason})`);
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
  if (!wishes.quiet || report.verdict !== 'passed') {
    const options = { color: words.hasColor, width: words.width, verbose: wishes.verbose };
    log.block(renderTerminal(report, options));
  }
  if (wishes.json) streams.stdout.write(reportJson(report));
  if (wishes.report !== null) writeFileSync(wishes.report, reportJson(report));
  return exitCodeOf(report, cancel.by(), wishes.onStall);
}
