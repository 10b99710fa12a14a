import type { RunEvent, WatchRequest } from './request.ts';
import type { StreamName } from './walk.ts';

/** The caller's functions, which are called from where nobody could catch what they throw. */
export interface Listeners {
  /** Neither throws nor rejects. */
  readonly onOutput: (stream: StreamName, chunk: Uint8Array) => Promise<void> | undefined;
  /** Doesn't throw. */
  readonly onEvent: (event: RunEvent) => void;
  /** Throws the first thing that one of them has thrown: in the run's own turn, so that the program is ended first. */
  readonly rethrow: () => void;
}

export function listenersOf({ onOutput, onEvent }: Pick<WatchRequest, 'onOutput' | 'onEvent'>): Listeners {
  let fault: { readonly thrown: unknown } | null = null;
  const keep = (thrown: unknown) => {
    fault ??= { thrown };
  };
  return {
    onOutput: (stream, chunk) => {
      try {
        // A caller without types may answer with anything.
        const taken: unknown = onOutput(stream, chunk);
        return isThenable(taken) ? Promise.resolve(taken).then(() => {}, keep) : undefined;
      } catch (thrown) {
        keep(thrown);
        return undefined;
      }
    },
    onEvent: (event) => {
      try {
        onEvent(event);
      } catch (thrown) {
        keep(thrown);
      }
    },
    rethrow: () => {
      if (fault !== null) throw fault.thrown;
    },
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
