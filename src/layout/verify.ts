import { firstDifference, type Manifest } from './manifest.ts';
import { scan } from './scan.ts';

export type Verified = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Whether the tree in `folder` is, file by file, the one that the manifest lists. Names the first difference. */
export async function verify(folder: string, manifest: Manifest): Promise<Verified> {
  const found = await scan(folder, manifest);
  if (found.kind === 'not-relocatable') return { ok: false, reason: found.reason };
  const difference = firstDifference(manifest, found.manifest);
  return difference === null ? { ok: true } : { ok: false, reason: difference };
}
