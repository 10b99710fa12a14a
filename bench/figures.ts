import type { Measured } from './measure.ts';

export interface Figure {
  readonly name: string;
  readonly median: Measured;
  /** Against the first, the peer. */
  readonly ratio: { readonly wall: number; readonly cpu: number };
}

export interface Contender {
  readonly name: string;
  readonly measure: () => Measured | Promise<Measured>;
}

/**
 * The peer first. Interleaved, so that a busy minute of the machine falls on all of them alike; the order turns round
 * each time, so that none is always the one after a heavy neighbour.
 */
export async function race(contenders: readonly Contender[], rounds: number): Promise<readonly Figure[]> {
  const seen = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : [...contenders].reverse();
    for (const { name, measure } of order) seen.get(name)?.push(await measure());
  }
  return figures([...seen].map(([name, all]) => ({ name, all })));
}

export function figures(
  series: readonly { readonly name: string; readonly all: readonly Measured[] }[],
): readonly Figure[] {
  const medians = series.map(({ name, all }) => ({ name, median: medianOf(all) }));
  const peer = medians[0]?.median;
  if (peer === undefined) return [];
  return medians.map(({ name, median: one }) => ({
    name,
    median: one,
    ratio: { wall: one.wall / peer.wall, cpu: one.cpu / peer.cpu },
  }));
}

function medianOf(all: readonly Measured[]): Measured {
  const by = (key: keyof Measured) => median(all.map((one) => one[key]));
  return { wall: by('wall'), cpu: by('cpu'), peak: by('peak') };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? Number.NaN);
  return (lower + upper) / 2;
}

/** Of the longest name, so that all figures of a run stand in one table. */
const NAME_WIDTH = 23;

export const FIGURE_HEAD = `${' '.repeat(NAME_WIDTH + 2)}   wall ms    CPU ms   peak MB   wall ×    CPU ×`;

/** The rows of one race under its title; their columns are those of `FIGURE_HEAD`. */
export function figureLines(title: string, all: readonly Figure[]): readonly string[] {
  const rows = all.map(({ name, median: one, ratio }) => {
    const numbers = [one.wall.toFixed(1), one.cpu.toFixed(1), one.peak.toFixed(0)].map((text) =>
      text.padStart(10),
    );
    const ratios = [ratio.wall, ratio.cpu].map((value) => value.toFixed(2).padStart(9));
    return `  ${name.padEnd(NAME_WIDTH)}${numbers.join('')}${ratios.join('')}`;
  });
  return [title, ...rows];
}
