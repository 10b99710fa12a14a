import { duration } from './durations.ts';
import { PHASES, type RunRecord } from './model.ts';
import type { Paint } from './style.ts';
import { seenPhases } from './timings.ts';

const LABEL = Math.max(...PHASES.map((phase) => phase.length));
const TIME = 9;

/** One line a phase: its name, its time, and a bar that begins where the phase before it ended. */
export function timeline(run: RunRecord, width: number, paint: Paint): string[] {
  const phases = seenPhases(run);
  const total = phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const mark = run.phase === null ? '' : ` ◀ ${run.verdict}`;
  const room = width - 4 - LABEL - 1 - TIME - 2 - mark.length;
  let start = 0;
  return phases.map(({ phase, milliseconds }) => {
    const here = phase === run.phase;
    const bar = room < 8 ? '' : segment(start, milliseconds, total, room, here ? '█' : '━');
    start += milliseconds;
    const label = `    ${phase.padEnd(LABEL)} ${duration(milliseconds).padStart(TIME)}`;
    return here ? paint.bad(`${label}  ${bar}${mark}`.trimEnd()) : `${label}  ${paint.dim(bar)}`.trimEnd();
  });
}

function segment(start: number, length: number, total: number, room: number, fill: string): string {
  if (total === 0) return fill;
  const from = Math.min(room - 1, Math.floor((start / total) * room));
  const cells = Math.min(room - from, Math.max(1, Math.round((length / total) * room)));
  return ' '.repeat(from) + fill.repeat(cells);
}
