import type { Log } from '../log.ts';

/** As the toolkit writes one; exitproof's own all have a title. */
const ANNOTATION = /^::(?:notice|warning|error)::(.*)$/s;
/** A mishap that the toolkit takes for none, and answers nothing about. */
const MISHAP = /^Failed to (?:restore|save): /;

export interface Unannotated<T> {
  readonly value: T;
  /** What went wrong in the toolkit's own words: it throws nothing, and gives the answer of an empty cache. */
  readonly mishaps: readonly string[];
}

/**
 * Runs work of the toolkit's cache client, which makes each of its mishaps an annotation beside the report's one.
 * They become lines of the log; whatever else it writes passes, its masks above all.
 */
export async function unannotated<T>(
  log: Pick<Log, 'info'>,
  work: () => Promise<T>,
): Promise<Unannotated<T>> {
  const { write } = process.stdout;
  const mishaps: string[] = [];
  process.stdout.write = new Proxy(write, {
    apply: (target, stdout, args: readonly unknown[]) => {
      const [chunk] = args;
      const line = typeof chunk === 'string' ? chunk.trimEnd() : '';
      const annotation = ANNOTATION.exec(line)?.[1];
      const message = annotation === undefined ? line : unescaped(annotation);
      if (annotation === undefined && !MISHAP.test(line)) return Reflect.apply(target, stdout, args);
      // Advice follows on lines of its own.
      mishaps.push(message.replace(MISHAP, '').split(/[\r\n]/)[0] ?? '');
      log.info(`cache: ${message}`);
      return true;
    },
  });
  try {
    return { value: await work(), mishaps };
  } finally {
    process.stdout.write = write;
  }
}

function unescaped(message: string): string {
  return message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
