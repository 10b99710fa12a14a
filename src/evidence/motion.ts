import type { Evidence, Motion } from '../report/model.ts';

/** How one process moved between its two snapshots; null where they can't tell. */
export function motionOf(_evidence: readonly Evidence[], _pid: number): Motion | null {
  return null;
}
