import { CRASHED } from '../evidence/crashReport.ts';
import type { Diagnosis, Evidence, Frame, Guilty, RunRecord, Thread } from '../report/model.ts';
import type { WatchedRun } from '../watch/request.ts';
import { type Situation, situationOf, wordsOf } from './causes/cause.ts';
import { REMEDY_OF_PHASE } from './causes/unknown.ts';
import { causeOf } from './causes.ts';
import { gatherFacts, NO_SOURCE, type Stack } from './facts.ts';
import { type FrameKnowledge, frameKind } from './frameKind.ts';
import type { Blamed } from './guilty.ts';
import { candidatesFor, type ProjectFiles } from './project.ts';
import { type SourceMap, sourceMap } from './sourceMap.ts';
import { lastException, lastTraceback } from './traceback.ts';

export interface DiagnosisRequest {
  readonly run: Omit<WatchedRun, 'motion' | 'awaited' | 'python'>;
  readonly motion: WatchedRun['motion'];
  readonly awaited: WatchedRun['awaited'];
  /** X.Y.Z of the interpreter that ran; null where it isn't known. */
  readonly python: string | null;
  /** The project's own files, from `projectFiles()`; null where there is no checkout. */
  readonly project: ProjectFiles | null;
  /** Prefixes of frame paths that are the packager's own. */
  readonly packagerFiles: readonly string[];
}

/** Reads the checkout and, while it still exists, the packaged program. Null for a run that passed. */
export function diagnose(request: DiagnosisRequest): Diagnosis | null {
  return examine(request)?.diagnosis ?? null;
}

/** The run's record with its diagnosis, the blamed threads marked in the evidence. */
export function withDiagnosis(request: DiagnosisRequest): RunRecord {
  const { run } = request;
  const result = examine(request);
  if (result === null) return { ...run, diagnosis: null };
  const { diagnosis, blamed } = result;
  const evidence = blamed === null ? run.evidence : run.evidence.map((one) => marked(one, blamed));
  return { ...run, evidence, diagnosis };
}

interface Examined {
  readonly diagnosis: Diagnosis;
  readonly blamed: Blamed | null;
}

function examine(request: DiagnosisRequest): Examined | null {
  const { run, project } = request;
  if (run.verdict === 'passed' || run.verdict === 'not-started') return null;
  const map = project === null ? null : sourceMap(project);
  if (run.verdict === 'failed' || run.verdict === 'crashed') return ofEnding(request, map);
  const facts = gatherFacts({
    run,
    motion: request.motion,
    awaited: request.awaited,
    python: request.python,
    knowledge: knowledgeOf(request),
    source: map ?? NO_SOURCE,
  });
  const situation = situationOf(facts);
  return { diagnosis: stallDiagnosis(situation, request, map), blamed: situation.guilty };
}

function knowledgeOf({ project, packagerFiles }: DiagnosisRequest): FrameKnowledge {
  return {
    distribution: project?.distribution ?? null,
    ownsModule: (path) => project !== null && candidatesFor(path, project).length > 0,
    packagerFiles,
  };
}

function stallDiagnosis(
  situation: Situation,
  { run, motion }: DiagnosisRequest,
  map: SourceMap | null,
): Diagnosis {
  const words = wordsOf(situation, ({ frame }) => map?.locate(frame) ?? null);
  const cause = wasAtWork(run) ? null : causeOf(situation);
  return {
    cause: cause?.slug ?? 'unknown',
    summary:
      cause === null
        ? placeSummary(run, situation, words.guilty)
        : `${run.verdict === 'cancelled' ? `${outcome(run)}: ` : ''}${cause.summary(words, situation)}.`,
    remedy: cause?.remedy ?? remedyOfUnknown(run),
    guilty: situation.guilty === null ? null : withSource(situation.guilty.frame, map),
    ...(situation.holder === null ? {} : { holder: withSource(situation.holder.frame, map) }),
    motion,
  };
}

function remedyOfUnknown({ verdict, phase }: DiagnosisRequest['run']): string | null {
  return verdict === 'stalled' && phase !== null ? REMEDY_OF_PHASE[phase] : null;
}

/** No deadline had passed: that a program works, or waits, is then nothing that has a cause. */
function wasAtWork({ verdict, phase }: DiagnosisRequest['run']): boolean {
  return verdict === 'cancelled' && (phase === null || phase === 'startup' || phase === 'run');
}

function placeSummary(run: DiagnosisRequest['run'], { guilty }: Situation, place: string): string {
  if (guilty === null) return `${outcome(run)}, and no tool could see where.`;
  return run.verdict === 'cancelled'
    ? `${outcome(run)}, while it was in ${place}.`
    : `${outcome(run)}; it stands in ${place}.`;
}

function outcome({ verdict, phase }: DiagnosisRequest['run']): string {
  const where = phase === null ? '' : ` in ${phase}`;
  return verdict === 'cancelled' ? `It was cancelled${where}` : `It ${verdict}${where}`;
}

function withSource(frame: Frame, map: SourceMap | null): Guilty {
  return { ...frame, source: map?.locate(frame) ?? null };
}

/** A run that ended by itself, but not well: its own words are the evidence. */
function ofEnding(request: DiagnosisRequest, map: SourceMap | null): Examined | null {
  const { run } = request;
  const output = run.output.tail === '' ? run.output.head : run.output.tail;
  const knowledge = knowledgeOf(request);
  const crashed = crashedStack(request, knowledge);
  const frames = crashed?.python ?? lastTraceback(output);
  const exception = run.verdict === 'failed' && crashed === null ? lastException(output) : null;
  const frame = frames.find((one) => frameKind(one, knowledge) === 'user') ?? frames[0];
  if (frame === undefined && run.verdict === 'failed') return null;
  const guilty = frame === undefined ? null : withSource(frame, map);
  const place =
    guilty === null
      ? ''
      : `, in ${guilty.function}()${guilty.source === null ? '' : ` (${guilty.source.path}:${guilty.source.line})`}`;
  const raised = exception === null ? '' : `: ${exception.replace(/\.$/u, '')}`;
  const diagnosis = {
    cause: 'unknown',
    summary: `${run.reason.replace(/\.$/u, '')}${place}${raised}.`,
    remedy: null,
    guilty,
    motion: null,
  };
  return { diagnosis, blamed: crashed === null || frame === undefined ? null : { stack: crashed, frame } };
}

/** Of the thread that a crash happened in, where the interpreter could still tell. */
function crashedStack(request: DiagnosisRequest, knowledge: FrameKnowledge): Stack | null {
  const { main } = gatherFacts({ ...request, knowledge, source: NO_SOURCE });
  return main?.stacks.find(({ states }) => states.includes(CRASHED)) ?? null;
}

function marked(evidence: Evidence, { stack, frame }: Blamed): Evidence {
  if (evidence.pid !== stack.pid) return evidence;
  const isSame = (thread: Thread) =>
    thread.tid === null || stack.tid === null
      ? thread.name === null || stack.name === null || thread.name === stack.name
      : thread.tid === stack.tid;
  const isBlamed = (thread: Thread) =>
    thread.main === stack.main &&
    thread.frames.some((one) => one.function === frame.function && one.file === frame.file) &&
    (thread.main || isSame(thread));
  const at = evidence.threads.findIndex(isBlamed);
  if (at === -1) return evidence;
  return {
    ...evidence,
    threads: evidence.threads.map((thread, index) => (index === at ? { ...thread, guilty: true } : thread)),
  };
}
