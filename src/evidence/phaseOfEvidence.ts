import type { Evidence, EvidenceSource, Phase, Thread } from '../report/model.ts';
import { nativePhase } from './nativePhase.ts';
import { pySpyPhase } from './pySpyPhase.ts';

export interface Sight {
  readonly phase: Phase | 'unknown';
  /** Whether native frames told it: by Python's alone the end of a subinterpreter looks like that of the process. */
  readonly native: boolean;
}

const NATIVE_SOURCES: readonly EvidenceSource[] = ['pystack', 'gdb'];

/** What one tool's threads of a process say about its phase. */
export function phaseOfThreads(
  source: EvidenceSource,
  threads: readonly Thread[],
  packagerFiles: readonly string[],
): Phase | 'unknown' {
  const main = threads.find((thread) => thread.main);
  if (main === undefined) return 'unknown';
  return NATIVE_SOURCES.includes(source)
    ? nativePhase(main.frames, packagerFiles)
    : pySpyPhase(main.frames, packagerFiles);
}

/** What the evidence of one process, of one snapshot, says about its phase: by native frames where any tool has them. */
export function phaseOfEvidence(evidence: readonly Evidence[], packagerFiles: readonly string[]): Sight {
  const sights = ([...NATIVE_SOURCES, 'py-spy', 'faulthandler'] as const).map((source): Sight => {
    const threads = evidence.find((each) => each.source === source)?.threads ?? [];
    return {
      phase: phaseOfThreads(source, threads, packagerFiles),
      native: NATIVE_SOURCES.includes(source),
    };
  });
  return sights.find(({ phase }) => phase !== 'unknown') ?? { phase: 'unknown', native: false };
}
