import { maskPiece } from '../evidence/mask.ts';
import type { RunOutput } from '../report/model.ts';
import { bounded } from './bounded.ts';
import type { StreamName } from './walk.ts';

const KEPT = 32 * 1024;
const SEARCHED = 512 * 1024;
/** A hundred threads with common stacks. */
const LAST_WORDS = 64 * 1024;

/** What is kept of a run's output, however much there is. */
export interface Output {
  readonly add: (stream: StreamName, chunk: Uint8Array) => void;
  /** For the report, masked. */
  readonly kept: () => RunOutput;
  /** The beginning and the end of stdout, for an expectation. */
  readonly searched: () => string;
  /** The end of stderr, not yet masked. */
  readonly lastWords: () => string;
}

export function keepOutput(options: {
  readonly secrets: readonly string[];
  readonly search: boolean;
}): Output {
  const { secrets } = options;
  const kept = bounded(KEPT, KEPT);
  const stdout = options.search ? bounded(SEARCHED, SEARCHED) : null;
  const stderr = bounded(0, LAST_WORDS);
  const bytes = { stdout: 0, stderr: 0 };
  return {
    add: (stream, chunk) => {
      bytes[stream] += chunk.length;
      kept.add(chunk);
      if (stream === 'stdout') stdout?.add(chunk);
      else stderr.add(chunk);
    },
    kept: () => {
      const { head, tail, cut } = kept.read();
      if (cut) {
        return {
          head: maskPiece(decode(head), secrets, { start: false, end: true }),
          tail: maskPiece(decode(tail), secrets, { start: true, end: false }),
          bytes: { ...bytes },
        };
      }
      // Joined first: a secret may lie across the two.
      const text = maskPiece(decode(Buffer.concat([head, tail])), secrets, { start: false, end: false });
      return { head: text.slice(0, KEPT), tail: text.slice(KEPT), bytes: { ...bytes } };
    },
    searched: () => {
      const { head, tail } = stdout?.read() ?? { head: Buffer.alloc(0), tail: Buffer.alloc(0) };
      return decode(head) + decode(tail);
    },
    lastWords: () => decode(stderr.read().tail),
  };
}

/** A character that the cut went through would show as U+FFFD. */
function decode(bytes: Buffer): string {
  return new TextDecoder().decode(bytes).replace(/^\uFFFD{1,3}|\uFFFD$/g, '');
}
