import { createHash } from 'node:crypto';
import { shortFile } from '../report/location.ts';
import type { RunRecord } from '../report/model.ts';
import { stackViews } from '../report/stackView.ts';

const FRAMES = 40;

/**
 * The same for runs of one layout that ended alike, on whichever machine. Of the stack the guilty frame and what called it count, by
 * function and file: lines move while a loop spins, and so does what the guilty frame calls.
 */
export function fingerprint(run: RunRecord): string {
  const rows = stackViews(run, FRAMES)[0]?.rows ?? [];
  const guilty = rows.findIndex((row) => row.guilty);
  const stack = rows
    .slice(Math.max(0, guilty))
    .map(({ frame }) => [frame.function, frame.file === null ? null : shortFile(frame.file)]);
  const { layout, verdict, phase, exitCode, signal, diagnosis } = run;
  const ending = [layout, verdict, phase, exitCode, signal, diagnosis?.cause ?? null, stack];
  return createHash('sha256').update(JSON.stringify(ending)).digest('hex').slice(0, 12);
}
