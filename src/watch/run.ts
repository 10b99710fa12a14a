import { type Probe, prepareProbe } from '../evidence/prepareProbe.ts';
import type { Evidence, Motion } from '../report/model.ts';
import { fifoChannel, pipeChannel } from './channel.ts';
import { now } from './clock.ts';
import type { Holder, StreamFiles } from './holders.ts';
import { listenersOf } from './listeners.ts';
import { type Observation, observe } from './observation.ts';
import { keepOutput, type Output } from './output.ts';
import { reportSwitch } from './reportSwitch.ts';
import type { WatchRequest } from './request.ts';
import type { SessionParts, Slot } from './sessionParts.ts';
import { spawnProgram } from './spawn.ts';
import { COOKIE_VARIABLE, type Family } from './tree.ts';
import type { Seen, StreamName } from './walk.ts';

/** One run under way: what was started, what is seen of it, and what has been found out so far. */
export interface Run {
  readonly request: WatchRequest;
  readonly session: SessionParts;
  readonly pid: number;
  readonly spawnedAt: number;
  readonly probe: Probe | null;
  /** Aborted when the spawned process has ended. */
  readonly exited: AbortSignal;
  readonly family: Family;
  readonly observation: Observation;
  readonly output: Output;
  readonly files: StreamFiles | null;
  /** Streams that somebody can still write to. */
  readonly open: ReadonlySet<StreamName>;
  readonly found: Findings;
  /** Throws what the caller's listeners have thrown. */
  readonly rethrow: () => void;
  readonly close: () => void;
}

export interface Findings {
  evidence: Evidence[];
  motion: Motion | null;
  warnings: string[];
  holders: readonly Holder[];
  /** Whether a stack, and not only marks, told a phase. */
  sampled: boolean;
  /** What a dump by signal said of the phase, when nothing else had. */
  latePhase: Seen;
  lastEofAt: number | null;
}

export type Begun =
  | { readonly kind: 'running'; readonly run: Run }
  | { readonly kind: 'refused'; readonly why: string };

export async function begin(session: SessionParts, slot: Slot, asked: WatchRequest): Promise<Begun> {
  const { rethrow, ...listeners } = listenersOf(asked);
  const request = { ...asked, ...listeners };
  const probe = probeFor(session, slot, request);
  const cookie = session.nextCookie();
  const env = {
    ...request.env,
    ...probe?.env,
    ...reportSwitch(request),
    // A guard within a guard keeps the outer one's cookie.
    [COOKIE_VARIABLE]: `${request.env[COOKIE_VARIABLE] ?? ''}${cookie}`,
  };
  const channel = slot.fifos === null ? pipeChannel() : fifoChannel(slot.fifos);
  const spawned = await spawnProgram({ ...request, env }, channel);
  if (spawned.kind === 'refused') {
    channel.abandon();
    return spawned;
  }

  const { child, pid, at } = spawned;
  const { platform, census } = session;
  const family = census.found(cookie, { leader: pid });
  const observation = observe({
    request,
    child,
    pid,
    at,
    marksFile: probe?.marksFile ?? null,
    family,
    platform,
  });
  const output = keepOutput({ secrets: request.secrets, search: request.expect.output !== null });
  const open = new Set<StreamName>(['stdout', 'stderr']);
  const found: Findings = {
    evidence: [],
    motion: null,
    warnings: [],
    holders: [],
    sampled: false,
    latePhase: 'unknown',
    lastEofAt: null,
  };
  const exited = new AbortController();
  // With a reason: without one an error is made, with a stack, for each run.
  child.once('exit', () => exited.abort('exited'));
  const holding = holds(observation, exited.signal);
  const stopListening = channel.listen(child, {
    onChunk: (stream, chunk) => {
      output.add(stream, chunk);
      return holding.wait(request.onOutput(stream, chunk));
    },
    onEof: (stream) => {
      open.delete(stream);
      found.lastEofAt = now();
      observation.feed({ kind: 'eof', stream, t: now() });
    },
  });
  const onCancel = () => observation.feed({ kind: 'cancel', t: now() });
  request.cancel.addEventListener('abort', onCancel, { once: true });
  request.onEvent({ kind: 'spawned', pid });

  const close = () => {
    request.cancel.removeEventListener('abort', onCancel);
    stopListening();
    child.stdin?.destroy();
    child.unref();
    observation.close();
    census.forget(family);
  };
  return {
    kind: 'running',
    run: {
      request,
      session,
      pid,
      spawnedAt: at,
      probe,
      exited: exited.signal,
      family,
      observation: {
        ...observation,
        tick: (t, late) => {
          holding.count();
          observation.tick(t, late);
        },
      },
      output,
      files: channel.files,
      open,
      found,
      rethrow,
      close,
    },
  };
}

/**
 * A reader of ours that is slow holds the program up, as in any pipe: that time is not the program's. Once it has
 * ended nobody is held up, and its last output is read at once.
 */
function holds(observation: Observation, exited: AbortSignal) {
  // Not by a race: what loses it stays with the promise that decides none until the end.
  const waiters = new Set<() => void>();
  const releaseAll = () => {
    for (const release of waiters) release();
  };
  exited.addEventListener('abort', releaseAll, { once: true });
  let waiting = 0;
  let since = 0;
  const count = () => {
    if (waiting === 0) return;
    const t = now();
    observation.feed({ kind: 'held', from: since, t });
    since = t;
  };
  return {
    count,
    wait: (taken: Promise<void> | undefined): Promise<void> | undefined => {
      if (taken === undefined || observation.exit() !== null) return undefined;
      if (waiting === 0) since = now();
      waiting += 1;
      return new Promise<void>((resolve) => {
        const release = () => {
          if (!waiters.delete(release)) return;
          count();
          waiting -= 1;
          resolve();
        };
        waiters.add(release);
        void taken.then(release);
      });
    },
  };
}

function probeFor(session: SessionParts, slot: Slot, request: WatchRequest): Probe | null {
  if (request.observer === 'sampler' || request.observer === 'none') return null;
  const { argv, env, cwd } = request;
  try {
    return prepareProbe({ folder: session.folder, run: slot.name, argv, env, cwd });
  } catch {
    // A full disk, a folder that is gone: the sampler takes over.
    return null;
  }
}
