import type { Log } from '../log.ts';

/** As the toolkit writes one; exitproof's own all have a title. */
const ANNOTATION = /^::(?:notice|warning|error)::(.*)$/s;

/**
 * Runs work of the toolkit's cache client, which makes each of its mishaps an annotation beside the report's one.
 * They become lines of the log; whatever else it writes passes, its masks above all.
 */
export async function unannotated<T>(log: Pick<Log, 'info'>, work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = new Proxy(write, {
    apply: (target, stdout, args: readonly unknown[]) => {
      const [chunk] = args;
      const message = typeof chunk === 'string' ? ANNOTATION.exec(chunk.trimEnd())?.[1] : undefined;
      if (message === undefined) return Reflect.apply(target, stdout, args);
      log.info(`cache: ${unescaped(message)}`);
      return true;
    },
  });
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

function unescaped(message: string): string {
  return message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
