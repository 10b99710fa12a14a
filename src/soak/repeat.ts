import type { RunRecord } from '../report/model.ts';
import type { Target } from './target.ts';

export interface Repetition {
  readonly target: Target;
  /** How many go on at a time, once the first has ended. */
  readonly concurrency: number;
  /** End with the first run that doesn't pass. */
  readonly stopAtFirst: boolean;
  /** Of the first run; all others are warm. */
  readonly boot: RunRecord['boot'];
  readonly watch: (boot: RunRecord['boot'], first: boolean) => Promise<RunRecord>;
  /** Called for each in the order in which they end. */
  readonly onRun: (run: RunRecord) => void;
  readonly cancel: AbortSignal;
}

/** The first run alone, since a cold boot would disturb its neighbours, then the others side by side. */
export async function repeat(repetition: Repetition): Promise<void> {
  const { target, concurrency, stopAtFirst, watch, onRun, cancel } = repetition;
  const started = performance.now();
  let begun = 0;
  let over = false;
  const isDue = (): boolean => {
    if (over || cancel.aborted) return false;
    return target.kind === 'runs'
      ? begun < target.runs
      : begun === 0 || performance.now() - started < target.milliseconds;
  };
  const once = async (boot: RunRecord['boot']): Promise<void> => {
    begun += 1;
    try {
      const run = await watch(boot, begun === 1);
      onRun(run);
      // What can't be started once can't be started a thousand times either.
      if (run.verdict === 'not-started' || (stopAtFirst && run.verdict !== 'passed')) over = true;
    } catch (error) {
      over = true;
      throw error;
    }
  };
  const lane = async (): Promise<void> => {
    while (isDue()) await once('warm');
  };
  await once(repetition.boot);
  const lanes = await Promise.allSettled(Array.from({ length: concurrency }, lane));
  const failed = lanes.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
