import type { Report, Shard } from '../report/model.ts';
import { plural } from '../report/text.ts';
import type { FoundReport } from './findReports.ts';

/**
 * Why these reports can't be joined into one verdict, a sentence for each reason; none where they belong together: one
 * commit, one entry point, for each Python and layout one artifact, and all shards of it.
 */
export function misfits(reports: readonly FoundReport[], expected: number | null): readonly string[] {
  return [
    ...wrongNumber(reports, expected),
    ...others(reports, 'commit', ({ commit }) => (commit === null ? null : commit.slice(0, 12))),
    ...others(reports, 'entry point', ({ build, executable }) => build?.entry ?? executable),
    ...[...groups(reports, artifactScope).values()].flatMap((alike) =>
      others(alike, 'artifact', ({ build }) => build?.sha256.slice(0, 12) ?? null),
    ),
    ...shardFaults(reports),
  ];
}

function wrongNumber(reports: readonly FoundReport[], expected: number | null): readonly string[] {
  if (expected === null || reports.length === expected) return [];
  const files = reports.map(({ file }) => file).join(', ');
  const got = plural(reports.length, 'report');
  return [`expected ${plural(expected, 'report')}, got ${got}${files === '' ? '' : `: ${files}`}.`];
}

/** Those that differ from the first one that tells; what got no build has nothing to tell. */
function others(
  reports: readonly FoundReport[],
  what: string,
  value: (report: Report) => string | null,
): readonly string[] {
  const telling = reports.flatMap(({ file, report }) => {
    const told = value(report);
    return told === null ? [] : [{ file, told }];
  });
  const [first] = telling;
  if (first === undefined) return [];
  return telling
    .filter(({ told }) => told !== first.told)
    .map(({ file, told }) => `${file}: its ${what} is ${told}, that of ${first.file} is ${first.told}.`);
}

/** Each Python on each system has wheels of its own. Null for a report that came to nothing. */
function machineScope({ build, executable, runs, platform }: Report): string | null {
  if (build === null) return executable === null && runs.length === 0 ? null : platform;
  return JSON.stringify([platform, build.interpreter.implementation, build.interpreter.version]);
}

/** A zipapp is another file than a venv, and a stall may have shipped the other one. */
function artifactScope(report: Report): string | null {
  const machine = machineScope(report);
  return machine === null ? null : JSON.stringify([machine, report.layout]);
}

function shardFaults(reports: readonly FoundReport[]): readonly string[] {
  const sharded = reports.flatMap(({ file, report }) =>
    report.shard === null ? [] : [{ file, report, shard: report.shard }],
  );
  const [first] = sharded;
  if (first === undefined) return [];
  const sizes = sharded
    .filter(({ shard }) => shard.of !== first.shard.of)
    .map(
      ({ file, shard }) => `${file}: it is shard ${words(shard)}, ${first.file} is ${words(first.shard)}.`,
    );
  if (sizes.length > 0) return sizes;

  // A shard that came to nothing doesn't say for which Python: it stands for any.
  const nothing = sharded.filter(({ report }) => machineScope(report) === null);
  const empty = nothing.map(({ shard }) => shard.index);
  const sets = [...groups(sharded, machineScope).values()];
  return (sets.length === 0 ? [sharded] : sets).flatMap((set) => {
    const where = sets.length > 1 && set[0] !== undefined ? scopeWords(set[0].report) : '';
    const byIndex = groups(set, ({ shard }) => String(shard?.index));
    const twice = [...byIndex.values()]
      .filter(({ length }) => length > 1)
      .map((same) => {
        const files = same.map(({ file }) => file).join(' and ');
        return `${files}: each is shard ${same[0] === undefined ? '' : words(same[0].shard)}${where}.`;
      });
    const missing = Array.from({ length: first.shard.of }, (_, at) => at + 1)
      .filter((index) => !byIndex.has(String(index)) && !empty.includes(index))
      .map((index) => `shard ${words({ index, of: first.shard.of })}${where} is missing.`);
    return [...twice, ...missing];
  });
}

function scopeWords({ build, platform }: Report): string {
  const python = build === null ? '' : ` of Python ${build.interpreter.version}`;
  return `${python} on ${platform}`;
}

function words({ index, of }: Shard): string {
  return `${index}/${of}`;
}

/** Those whose key is null are left out. */
function groups<T extends FoundReport>(
  reports: readonly T[],
  key: (report: Report) => string | null,
): ReadonlyMap<string, readonly T[]> {
  const all = new Map<string, T[]>();
  for (const one of reports) {
    const name = key(one.report);
    if (name !== null) all.set(name, [...(all.get(name) ?? []), one]);
  }
  return all;
}
