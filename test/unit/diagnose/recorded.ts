import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiagnosisRequest } from '../../../src/diagnose/diagnose.ts';
import type { ProjectFiles } from '../../../src/diagnose/project.ts';
import type {
  Evidence,
  EvidenceSource,
  Frame,
  Motion,
  Phase,
  Thread,
  Verdict,
} from '../../../src/report/model.ts';
import type { WatchedRun } from '../../../src/watch/request.ts';

/**
 * What py-spy, pystack and /proc said of real stalled programs, paths and numbers made neutral.
 * A frame is `function file:line`, a native one begins with `*`.
 */
export interface Recorded {
  readonly name: string;
  readonly python: string;
  readonly verdict: Verdict;
  readonly phase: Phase;
  readonly motion: Motion;
  /** Any of these is right; none given: nothing is known to be right. */
  readonly causes: readonly string[];
  readonly guilty: readonly string[];
  readonly source: string;
  readonly evidence: readonly RecordedEvidence[];
}

interface RecordedEvidence {
  readonly source: EvidenceSource;
  readonly pid: number;
  readonly role: Evidence['role'];
  readonly command: string;
  readonly text?: string;
  readonly error?: string;
  readonly threads: readonly {
    readonly main?: true;
    readonly name?: string;
    readonly tid?: number;
    readonly state?: string;
    readonly folded?: number;
    readonly frames: readonly string[];
  }[];
}

export const RECORDED: readonly Recorded[] = readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): Recorded => JSON.parse(line));

export function recorded(name: string, python?: string): Recorded {
  const found = RECORDED.find((one) => one.name === name && (python === undefined || one.python === python));
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return found;
}

/** The program's folder, as a checkout below `folder`. */
export function checkoutOf(one: Recorded, folder: string): ProjectFiles {
  const checkout = join(folder, one.name.replaceAll('/', '_'), one.python);
  mkdirSync(checkout, { recursive: true });
  writeFileSync(join(checkout, 'main.py'), one.source);
  return { checkout, distribution: null, files: ['main.py'] };
}

const VERSIONS: Readonly<Record<string, string>> = { '3.8': '3.8.18', '3.9': '3.9.18', '3.11': '3.11.7' };

export function requestOf(one: Recorded, project: ProjectFiles | null): DiagnosisRequest {
  const folder = project?.checkout ?? '/app';
  const evidence = one.evidence.map((each): Evidence => evidenceOf(each, folder));
  return {
    run: {
      ...RUN,
      verdict: one.verdict,
      phase: one.phase,
      evidence,
      left: one.verdict === 'leaked' ? holders(evidence) : [],
    },
    motion: one.motion,
    awaited: null,
    python: VERSIONS[one.python] ?? `${one.python}.1`,
    project,
    packagerFiles: [],
  };
}

function holders(evidence: readonly Evidence[]): WatchedRun['left'] {
  const children = evidence.filter(({ role, source }) => role === 'descendant' && source === 'proc');
  return children.map(({ pid, command }) => ({ pid, command, ended: true, holds: ['stdout'] }));
}

function evidenceOf({ threads, ...rest }: RecordedEvidence, folder: string): Evidence {
  return {
    ...rest,
    at: 3000,
    snapshot: 1,
    threads: threads.map(
      ({ main, name, tid, frames, ...thread }): Thread => ({
        ...thread,
        main: main ?? false,
        name: name ?? null,
        tid: tid ?? null,
        frames: frames.map((frame) => frameOf(frame, folder)),
      }),
    ),
  };
}

function frameOf(text: string, folder: string): Frame {
  const [, native, name, file, line] = /^(\*?)(.*?) (\S.*?)(?::(\d+))?$/u.exec(text) ?? [];
  return {
    function: name ?? '',
    file: file === undefined || file === '?' ? null : file.replace(/^\/app(?=\/)/u, folder),
    line: line === undefined ? null : Number(line),
    ...(native === '*' ? { native: true } : {}),
  };
}

const RUN: DiagnosisRequest['run'] = {
  name: 'main',
  argv: ['main'],
  layout: 'executable',
  verdict: 'stalled',
  phase: 'run',
  reason: 'the deadline passed',
  exitCode: null,
  signal: null,
  pid: 100,
  timings: {},
  duration: 3000,
  boot: 'warm',
  observer: 'probe',
  warnings: [],
  left: [],
  output: { head: '', tail: '', bytes: { stdout: 0, stderr: 0 } },
  evidence: [],
};
