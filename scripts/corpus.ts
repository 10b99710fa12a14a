import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { ObserverChoice } from '../src/watch/request.ts';
import { fixture } from '../test/support/paths.ts';
import { type Python, pythons } from '../test/support/pythons.ts';
import { allCases, type Case, sample } from './corpus/cases.ts';
import { type Aspect, compare } from './corpus/compare.ts';
import { factsFor, LAUNCHERS, type Launcher } from './corpus/expectation.ts';
import { observe } from './corpus/observe.ts';
import { installLibraries, prepare } from './corpus/prepare.ts';
import { isRight, type Judged, percent, shareLines, shares, tableLines } from './corpus/table.ts';

const USAGE = `npm run corpus -- [--python 3.12,3.13] [--case NAME]… [--layout script|zip|pex]
  [--observer auto|probe|sampler|none] [--tools all|none] [--ptrace allowed|refused]
  [--sample N] [--jobs 2] [--min-verdict 95] [--min-phase 90]`;

/** What is the same for all runs. */
interface Circumstances {
  readonly layout: Launcher;
  readonly observer: ObserverChoice;
  readonly tools: 'all' | 'none';
  readonly ptrace: 'allowed' | 'refused';
}

/** Those that the truth of every case was checked on. */
const DEFAULT_PYTHONS = '3.8,3.9,3.11,3.12,3.13';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: DEFAULT_PYTHONS },
    case: { type: 'string', multiple: true, default: [] },
    layout: { type: 'string', default: 'script' },
    observer: { type: 'string', default: 'auto' },
    tools: { type: 'string', default: 'all' },
    ptrace: { type: 'string', default: 'allowed' },
    sample: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    'min-verdict': { type: 'string', default: '95' },
    'min-phase': { type: 'string', default: '90' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const cases = chosenCases();
  const circumstances: Circumstances = {
    layout: oneOf('layout', values.layout, LAUNCHERS),
    observer: oneOf('observer', values.observer, ['auto', 'probe', 'sampler', 'none'] as const),
    tools: oneOf('tools', values.tools, ['all', 'none'] as const),
    ptrace: oneOf('ptrace', values.ptrace, ['allowed', 'refused'] as const),
  };
  // Before anything runs: a bad one would else be told after an hour.
  const least = {
    verdict: perCent('min-verdict', values['min-verdict']),
    phase: perCent('min-phase', values['min-phase']),
    clean: 100,
  };
  const jobs = atLeastOne('jobs', values.jobs);
  const judged: Judged[] = [];
  const all = chosenPythons();
  for (const python of all) {
    installLibraries(cases, python);
    const results = await eachWith(jobs, cases, (one) => judge(one, python, circumstances));
    judged.push(...results);
    console.log(`\n${tableLines(titleOf(python, circumstances), results).join('\n')}\n`);
  }
  if (all.length > 1) console.log(`all together: ${judged.length} runs\n${shareLines(judged).join('\n')}\n`);
  return conclude(judged, least);
}

async function judge(one: Case, python: Python, circumstances: Circumstances): Promise<Judged> {
  const { layout, observer, tools, ptrace } = circumstances;
  const started = performance.now();
  const facts = factsFor(one.expectation, python.version, layout);
  const seen = await observe(one, facts, prepare(one, python, layout), {
    observer,
    tools: tools === 'all',
    through: ptrace === 'refused' ? [python.path, fixture('programs', 'refused.py')] : [],
  });
  const findings = compare(facts, seen, {
    version: python.version,
    phaseMayBeUnknown: tools === 'none' || observer === 'none',
    methods: tools === 'none' ? 'none' : ptrace === 'refused' ? 'signal' : 'all',
  });
  const judged = { name: one.name, seconds: (performance.now() - started) / 1000, findings };
  const mark = isRight(judged) ? 'ok  ' : 'MISS';
  console.log(`${mark} ${python.version} ${one.name} (${judged.seconds.toFixed(1)} s)`);
  return judged;
}

function titleOf({ version }: Python, { layout, observer, tools, ptrace }: Circumstances): string {
  const less = [...(tools === 'none' ? ['no tools'] : []), ...(ptrace === 'refused' ? ['no ptrace'] : [])];
  return [`CPython ${version}`, layout, `observer ${observer}`, ...less].join(', ');
}

/** Thresholds are per cent of all runs together; a guard that hangs or leaves processes is never allowed. */
function conclude(judged: readonly Judged[], least: Partial<Record<Aspect, number>>): number {
  const all = shares(judged);
  const below = all.filter((share) => percent(share) < (least[share.aspect] ?? 0));
  for (const share of below)
    console.log(`below the threshold: ${share.aspect} ${percent(share).toFixed(1)} %`);
  const passed = judged.filter(isRight).length;
  console.log(`${passed} passed, ${judged.length - passed} failed`);
  return below.length === 0 && judged.length > 0 ? 0 : 1;
}

function chosenCases(): readonly Case[] {
  const all = allCases();
  const known = new Set(all.map((one) => one.name));
  const unknown = values.case.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`no such case: ${unknown.join(', ')}`);
  const chosen = values.case.length === 0 ? all : all.filter((one) => values.case.includes(one.name));
  const able = spawnSync('gcc', ['--version']).status === 0 ? chosen : chosen.filter(withoutCompiler);
  return values.sample === undefined ? able : sample(able, atLeastOne('sample', values.sample));
}

function withoutCompiler({ name, hasNative }: Case): boolean {
  if (hasNative) console.log(`skipped: ${name}, gcc is not on this machine`);
  return !hasNative;
}

function chosenPythons(): readonly Python[] {
  const wanted = values.python.split(',');
  const missing = wanted.filter((version) => !pythons().some((one) => one.version === version));
  for (const version of missing) console.log(`skipped: Python ${version} is not on this machine`);
  return pythons().filter((one) => wanted.includes(one.version));
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`--${flag} takes ${allowed.join(', ')}, not ${value}`);
  return found;
}

function atLeastOne(flag: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${flag} takes a count, not ${value}`);
  return Number(value);
}

function perCent(flag: string, value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new Error(`--${flag} takes a percentage such as 95, not ${value}`);
  return Number(value);
}

async function eachWith<T, R>(
  jobs: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next[0]] = await work(next[1]);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return results;
}
