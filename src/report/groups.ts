import { byWeight } from './counting.ts';
import type { Report, RunRecord } from './model.ts';

/** Runs that ended badly in the same way: by verdict, cause and guilty line. */
export interface RunGroup {
  /** The first of them. */
  readonly example: RunRecord;
  readonly runs: readonly RunRecord[];
}

/** What counts first, of it the worst. What passed is in none. */
export function runGroups(runs: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, [RunRecord, ...RunRecord[]]>();
  for (const run of runs.filter(({ verdict }) => verdict !== 'passed').toSorted(byWeight)) {
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

/** Runs that did not pass, what counts first, worst first: before a second one of any cause or kind stands the first of each. */
export function tellingRuns({ runs }: Pick<Report, 'runs'>, limit: number): RunRecord[] {
  const groups = runGroups(runs);
  const examples = groups.map(({ example }) => example);
  const others = groups.flatMap((group) => group.runs).toSorted(byWeight);
  const inTurn = new Set([...examples.slice(0, 1), ...runsByCause(runs), ...examples, ...others]);
  return [...inTurn].slice(0, limit).toSorted(byWeight);
}

/** One run for each known cause, in the order of their groups. */
export function runsByCause(runs: readonly RunRecord[]): RunRecord[] {
  const seen = new Set<string>();
  return runGroups(runs).flatMap(({ example }) => {
    const cause = example.diagnosis?.cause ?? 'unknown';
    if (cause === 'unknown' || seen.has(cause)) return [];
    seen.add(cause);
    return [example];
  });
}
