import { accept, type Parsed, REFUSED, scalar } from './valueType.ts';

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

const WRITTEN = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** A day: longer than any CI job runs, and far below what Node's timers can hold. */
const LONGEST = 24 * 3_600_000;

/** Milliseconds of `10s`, `1m30s`, `500ms`, `2h`. A bare number is refused: nobody could tell its unit. */
export function parseDuration(text: string): Parsed<number> {
  if (/^-\d/.test(text)) return { ok: false, takes: 'a duration above zero, such as 10s' };
  const written = WRITTEN.exec(text);
  if (written === null || text === '') return REFUSED;
  const value = UNITS.reduce((sum, [, factor], index) => sum + Number(written[index + 1] ?? 0) * factor, 0);
  if (value === 0) return { ok: false, takes: 'a duration above zero, such as 10s' };
  if (value > LONGEST) return { ok: false, takes: 'a duration of at most 24h' };
  return accept(value);
}

/** The shortest text that {@link parseDuration} reads back as the same milliseconds. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, factor] of UNITS) {
    const count = Math.floor(rest / factor);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * factor;
  }
  return text === '' ? '0ms' : text;
}

export const duration = scalar<number>({
  label: 'duration',
  takes: 'a duration such as 10s, 1m30s or 500ms',
  parse: parseDuration,
  show: formatDuration,
  schema: {
    type: 'string',
    pattern: '^(?=.)(\\d+h)?(\\d+m(?!s))?(\\d+s)?(\\d+ms)?$',
    examples: ['10s', '1m30s', '500ms'],
  },
});
