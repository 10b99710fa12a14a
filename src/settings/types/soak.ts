import { formatDuration, parseDuration } from './duration.ts';
import { accept, type Parsed, type ValueType } from './valueType.ts';

/** How long a smoke run is repeated. */
export type Soak =
  | { readonly kind: 'runs'; readonly runs: number }
  | { readonly kind: 'time'; readonly milliseconds: number }
  /** As many clean runs as prove that it stalls in at most this share of them, from 0 to 1. */
  | { readonly kind: 'share'; readonly share: number };

const MOST_RUNS = 1_000_000;
/** In percent. The smaller one takes 299,572 runs. */
const SHARES = { least: 0.001, most: 50 };

function parse(text: string): Parsed<Soak> {
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return parseRuns(Number(text));
  const percent = /^([+-]?\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
  if (percent !== undefined) return parseShare(Number(percent));
  const duration = parseDuration(text);
  if (duration.ok) return accept({ kind: 'time', milliseconds: duration.value });
  return duration;
}

function parseRuns(runs: number): Parsed<Soak> {
  return Number.isInteger(runs) && runs >= 1 && runs <= MOST_RUNS
    ? accept({ kind: 'runs', runs })
    : { ok: false, takes: `a whole number of runs from 1 to ${MOST_RUNS}` };
}

function parseShare(percent: number): Parsed<Soak> {
  return percent >= SHARES.least && percent <= SHARES.most
    ? accept({ kind: 'share', share: percent / 100 })
    : { ok: false, takes: `a percentage from ${SHARES.least}% to ${SHARES.most}%` };
}

export const soak: ValueType<Soak> = {
  label: 'count | duration | percentage',
  takes: 'a count of runs such as 200, a duration such as 10m, or a percentage such as 1%',
  repeatable: false,
  split: (text) => [text],
  fromTexts: (texts) => parse(texts.join('\n')),
  fromToml: (value) => {
    if (typeof value === 'number') return parseRuns(value);
    return typeof value === 'string' ? parse(value) : { ok: false };
  },
  show: (value) => {
    if (value.kind === 'runs') return String(value.runs);
    return value.kind === 'time'
      ? formatDuration(value.milliseconds)
      : `${Number((value.share * 100).toPrecision(12))}%`;
  },
  schema: {
    oneOf: [
      { type: 'integer', minimum: 1, maximum: MOST_RUNS },
      { type: 'string', examples: ['200', '10m', '1%'] },
    ],
  },
};
