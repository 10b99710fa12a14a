import type { Evidence, EvidenceSource, Phase, Thread } from '../report/model.ts';
import { nativePhase } from './nativePhase.ts';
import { pySpyPhase } from './pySpyPhase.ts';

/** What one tool's threads of a process say about its phase. */
export function phaseOfThreads(
  source: EvidenceSource,
  threads: readonly Thread[],
  packagerFiles: readonly string[],
): Phase | 'unknown' {
  const main = threads.find((thread) => thread.main);
  if (main === undefined) return 'unknown';
  const isNative = source === 'pystack' || source === 'gdb';
  return isNative ? nativePhase(main.frames, packagerFiles) : pySpyPhase(main.frames, packagerFiles);
}

/** What the evidence of one process, of one snapshot, says about its phase: by native frames where any tool has them. */
export function phaseOfEvidence(
  evidence: readonly Evidence[],
  packagerFiles: readonly string[],
): Phase | 'unknown' {
  const phases = (['pystack', 'gdb', 'py-spy', 'faulthandler'] as const).map((source) => {
    const threads = evidence.find((each) => each.source === source)?.threads ?? [];
    return phaseOfThreads(source, threads, packagerFiles);
  });
  return phases.find((phase) => phase !== 'unknown') ?? 'unknown';
}
