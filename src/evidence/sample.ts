import type { EvidenceSource, Phase } from '../report/model.ts';
import { startTimeOf } from './kernel.ts';
import { nativeLayer, pythonLayer } from './layers.ts';
import { phaseOfThreads } from './phaseOfEvidence.ts';
import type { Target } from './target.ts';
import type { EvidenceTools } from './tools.ts';
import { vforkChildOf } from './vforkChild.ts';

export interface SampleRequest {
  readonly target: Target;
  readonly tools: EvidenceTools;
  /** Prefixes of frame paths that are the packager's own. */
  readonly packagerFiles: readonly string[];
  /** False: py-spy without stopping the program (about 25 ms). True: native frames too (about 400 ms). */
  readonly native: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface PhaseSample {
  /** A failed sample is unknown, never a phase. */
  readonly phase: Phase | 'unknown';
  readonly source: EvidenceSource;
}

/** One look at a live program. Without `native` the program is never stopped. */
export async function samplePhase(request: SampleRequest): Promise<PhaseSample> {
  const { packagerFiles, native, timeout } = request;
  const child = native ? vforkChildOf(request.target.pid) : null;
  const target = child ?? request.target;
  // pystack looks for the thread under the child's own number, and finds none.
  const tools = child === null ? request.tools : { ...request.tools, pystack: null };
  const layer = native ? nativeLayer(tools) : pythonLayer(tools, { blocking: false });
  const seen = startTimeOf(target.pid) === target.startTime ? await layer({ target, timeout }) : [];
  // Once the child runs a program of its own, its stack is that one's.
  const findings = child === null || vforkChildOf(request.target.pid)?.pid === child.pid ? seen : [];
  const phases = findings.map(({ source, threads }) => ({
    source,
    phase: phaseOfThreads(source, threads, packagerFiles),
  }));
  const known = phases.find(({ phase }) => phase !== 'unknown');
  return known ?? phases[0] ?? { source: native ? 'pystack' : 'py-spy', phase: 'unknown' };
}
