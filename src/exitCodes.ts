import type { CancelSignal } from './cancel.ts';
import { doesCount } from './report/counting.ts';
import type { Report } from './report/model.ts';

/** The CLI's exit codes: a contract, see docs/exit-codes.md. */
export const EXIT = {
  passed: 0,
  notPassed: 1,
  settings: 2,
  notBuilt: 3,
  internal: 4,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** `cancelledBy` is the signal that exitproof itself received; `onStall` is the setting. */
export function exitCodeOf(
  report: Pick<Report, 'verdict' | 'runs'>,
  cancelledBy: CancelSignal | null = null,
  onStall: 'fail' | 'warn' | 'use-venv' = 'fail',
): ExitCode {
  switch (report.verdict) {
    case 'passed':
      return EXIT.passed;
    case 'not-built':
      return EXIT.notBuilt;
    case 'cancelled':
      return cancelledCode(cancelledBy);
    case 'stalled':
      return onStall === 'warn' && onlyStalls(report) ? EXIT.passed : EXIT.notPassed;
    default:
      return EXIT.notPassed;
  }
}

/** As shells count: 128 and the signal's number. */
export function cancelledCode(by: CancelSignal | null): ExitCode {
  switch (by) {
    case 'SIGINT':
      return EXIT.interrupted;
    case 'SIGHUP':
      return EXIT.hungUp;
    default:
      return EXIT.terminated;
  }
}

export function isCancelled(exitCode: unknown): boolean {
  return exitCode === EXIT.interrupted || exitCode === EXIT.hungUp || exitCode === EXIT.terminated;
}

/** A stall is the worst verdict, and may stand for runs that crashed or failed: those are allowed by nobody. */
function onlyStalls({ runs }: Pick<Report, 'runs'>): boolean {
  return runs.filter(doesCount).every(({ verdict }) => verdict === 'stalled' || verdict === 'passed');
}
