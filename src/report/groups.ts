import type { Report, RunRecord } from './model.ts';
import { byVerdict } from './worst.ts';

/** Runs that ended badly in the same way: by verdict, cause and guilty line. */
export interface RunGroup {
  /** The first of them. */
  readonly example: RunRecord;
  readonly runs: readonly RunRecord[];
}

/** Worst first. What passed is in none. */
export function runGroups(runs: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, [RunRecord, ...RunRecord[]]>();
  for (const run of runs.filter(({ verdict }) => verdict !== 'passed').toSorted(byVerdict)) {
    const key = likeness(run);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].map((group) => ({ example: group[0], runs: group }));
}

function likeness({ verdict, reason, diagnosis }: RunRecord): string {
  // A run that ended by itself has no cause that would tell two exit codes apart, but its words do.
  const words = diagnosis === null || verdict === 'failed' || verdict === 'crashed' ? reason : '';
  const { function: name, file, line } = diagnosis?.guilty ?? {};
  return JSON.stringify([verdict, diagnosis?.cause, name, file, line, words]);
}

/** Runs that did not pass, worst first: before a second one of any cause or kind stands the first of each. */
export function tellingRuns({ runs }: Pick<Report, 'runs'>, limit: number): RunRecord[] {
  const groups = runGroups(runs);
  const examples = groups.map(({ example }) => example);
  const others = groups.flatMap((group) => group.runs).toSorted(byVerdict);
  const inTurn = new Set([...examples.slice(0, 1), ...runsByCause(runs), ...examples, ...others]);
  return [...inTurn].slice(0, limit).toSorted(byVerdict);
}

/** One run for each known cause, worst first. */
export function runsByCause(runs: readonly RunRecord[]): RunRecord[] {
  const seen = new Set<string>();
  return runGroups(runs).flatMap(({ example }) => {
    const cause = example.diagnosis?.cause ?? 'unknown';
    if (cause === 'unknown' || seen.has(cause)) return [];
    seen.add(cause);
    return [example];
  });
}
