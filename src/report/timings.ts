import { PHASES, type Phase, type RunRecord } from './model.ts';

export const TEARDOWN_PHASES = ['threading-shutdown', 'atexit', 'finalization', 'native-exit'] as const;

/** The phases that were seen, in their order, with their milliseconds. */
export function seenPhases(run: Pick<RunRecord, 'timings'>): { phase: Phase; milliseconds: number }[] {
  return PHASES.flatMap((phase) => {
    const milliseconds = run.timings[phase];
    return milliseconds === undefined ? [] : [{ phase, milliseconds }];
  });
}

/** Milliseconds of all teardown phases together; null where none was seen. */
export function teardownTime(run: Pick<RunRecord, 'timings'>): number | null {
  const times = TEARDOWN_PHASES.flatMap((phase) => run.timings[phase] ?? []);
  return times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0);
}

/** Nearest-rank percentile, so that it is always a value that was measured; null for no values. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}
