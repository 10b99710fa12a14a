import type { Interval } from './model.ts';

/** "at most 1.00 %", "9.93 % to 42.3 %"; of no runs nothing is known. */
export function shareWords(interval: Interval | null): string {
  if (interval === null) return 'an unknown share';
  const { lower, upper, sides } = interval;
  return sides === 1 ? `at most ${percentWords(upper)}` : `${percentWords(lower)} to ${percentWords(upper)}`;
}

function percentWords(share: number): string {
  return `${share === 1 ? '100' : (share * 100).toPrecision(3)} %`;
}
