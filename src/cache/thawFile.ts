import { thaw } from '../layout/frozen/thaw.ts';
import type { Thaw, ThawOptions } from '../layout/frozen/thawed.ts';
import { isProblem } from '../problem.ts';
import { withdrawal } from './withdraw.ts';

/** As `thaw`, but whatever a file from outside brings about is a result. Throws problems alone. */
export async function thawFile(options: ThawOptions): Promise<Thaw> {
  try {
    const withdrawn = options.form === 'cache' ? await withdrawal(options.file) : null;
    if (withdrawn !== null) return { kind: 'unfit', reason: withdrawn };
    return await thaw(options);
  } catch (error) {
    // A destination that can't be used is the user's to mend; a file that can't be read is the cache's fault.
    if (isProblem(error)) throw error;
    return { kind: 'corrupt', reason: error instanceof Error ? error.message : String(error) };
  }
}
