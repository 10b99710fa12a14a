import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Job } from '../job/job.ts';
import type { RunRecord } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import { openProgress } from './progress.ts';
import { repeat } from './repeat.ts';
import { openTally, type Tally } from './tally.ts';
import { targetOf } from './target.ts';

const RUNS_PER_SWEEP = 250;

/** One smoke run in one layout. */
export interface Series {
  /** `--version (venv)`. */
  readonly title: string;
  /** X.Y.Z of the interpreter, where it is known. */
  readonly python: string | null;
  readonly boot: RunRecord['boot'];
  readonly watch: (boot: RunRecord['boot'], first: boolean) => Promise<RunRecord>;
}

export interface Soak {
  readonly soak: (series: Series) => Promise<void>;
  readonly read: Tally['read'];
}

/** `of` is how many series there will be. */
export function openSoak(
  settings: Pick<Settings, 'soak' | 'soakStop' | 'shard' | 'concurrency'>,
  of: number,
  { log, cancel }: Pick<Job, 'log' | 'cancel'>,
): Soak {
  const sweep = openSweep();
  const tally = openTally();
  const target = targetOf(settings, of);
  const { concurrency, soakStop } = settings;
  return {
    soak: ({ title, python, boot, watch }) =>
      log.stage(`Soak: ${title}`, async () => {
        const progress = openProgress({ target, tell: log.info, now: () => performance.now() });
        const onRun = (run: RunRecord): void => {
          const isNew = tally.add(run, python);
          // What was cancelled says nothing of the program.
          if (isNew && run.verdict !== 'cancelled') log.warning(endingLine(run));
          progress(run);
          sweep();
        };
        await repeat({ target, concurrency, stopAtFirst: soakStop === 'first', boot, watch, onRun, cancel });
      }),
    read: tally.read,
  };
}

/**
 * Each run leaves little behind, but V8 gives thousands of them some 30 MB more room before it looks for garbage. A look
 * takes 10 ms, so it is made to take one every so many runs.
 */
function openSweep(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let runs = 0;
  return () => {
    if (runs % RUNS_PER_SWEEP === 0 && typeof collect === 'function') collect();
    runs += 1;
  };
}

function endingLine({ verdict, phase, diagnosis, reason }: RunRecord): string {
  const where = phase === null ? '' : ` in ${phase}`;
  return `${verdict}${where}: ${diagnosis?.summary ?? reason}`;
}
