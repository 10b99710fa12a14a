import type { Evidence, Phase } from '../report/model.ts';

/** What the evidence of one process, of one snapshot, says about its phase: native frames where any tool has them. */
export function phaseOfEvidence(
  _evidence: readonly Evidence[],
  _packagerFiles: readonly string[],
): Phase | 'unknown' {
  return 'unknown';
}
