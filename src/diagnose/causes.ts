import { anywhere } from './causes/anywhere.ts';
import { atexit } from './causes/atexit.ts';
import type { Cause, Situation } from './causes/cause.ts';
import { executors } from './causes/executors.ts';
import { finalization } from './causes/finalization.ts';
import { native } from './causes/native.ts';
import { outside } from './causes/outside.ts';
import { run } from './causes/run.ts';
import { threading } from './causes/threading.ts';

/** The first that matches is the cause: what is more special stands first. */
export const CAUSES: readonly Cause[] = [
  ...anywhere,
  ...executors,
  ...run,
  ...threading,
  ...atexit,
  ...finalization,
  ...native,
  ...outside,
];

/** Null where no cause's facts are met: unknown stays unknown. */
export function causeOf(situation: Situation): Cause | null {
  const { phase } = situation.facts;
  if (phase === null) return null;
  const fits = (cause: Cause) => cause.phases === 'any' || cause.phases.includes(phase);
  return CAUSES.find((cause) => fits(cause) && cause.matches(situation)) ?? null;
}
