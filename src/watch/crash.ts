import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type CrashReport, crashPhase, parseCrashReport } from '../evidence/crashReport.ts';
import { clean, reportThreads } from '../evidence/threads.ts';
import type { Evidence } from '../report/model.ts';
import { reportsCrashes } from './reportSwitch.ts';
import type { Run } from './run.ts';
import type { Seen } from './walk.ts';

/** What an interpreter wrote of its own crash. */
export interface Crash {
  readonly evidence: Evidence;
  readonly phase: Seen;
  /** Whether it came through the probe. */
  readonly probed: boolean;
}

const MAX_REPORT = 256 * 1024;

/**
 * The report that process `pid` wrote when it died by `signal`; null where there is none. The probe's goes to a file
 * of that process alone. On stderr anybody can write, so that a report there tells a phase only where the interpreter
 * was told to write one: then its own comes after all others, and is of the very signal that ended it.
 */
export function crashOf(
  { request, probe, output }: Pick<Run, 'request' | 'probe' | 'output'>,
  { pid, signal, at }: { readonly pid: number; readonly signal: string; readonly at: number },
): Crash | null {
  const bySignal = (text: string | null): CrashReport | null => {
    const report = text === null ? null : parseCrashReport(text);
    return report?.signal === signal ? report : null;
  };
  const probed = probe === null ? null : bySignal(endOf(join(probe.dumpFolder, String(pid))));
  const report = probed ?? bySignal(output.lastWords());
  if (report === null) return null;
  const { secrets, packagerFiles, argv } = request;
  const believed = probed !== null || (request.observer !== 'none' && reportsCrashes(request));
  return {
    phase: believed ? crashPhase(report, packagerFiles) : 'unknown',
    probed: probed !== null,
    evidence: {
      source: 'faulthandler',
      pid,
      role: 'main',
      command: clean(argv.join(' '), secrets),
      at,
      snapshot: 1,
      threads: reportThreads(report.threads, secrets),
    },
  };
}

/** The program could have put anything in its place, a pipe too, which nobody writes to. */
const PLAIN = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

function endOf(file: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, PLAIN);
  } catch {
    return null;
  }
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, MAX_REPORT));
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, size - buffer.length));
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}
