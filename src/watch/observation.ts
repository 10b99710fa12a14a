import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { type Mark, parseMarks } from '../evidence/marks.ts';
import { now, toMilliseconds } from './clock.ts';
import { advance, spawned } from './phases.ts';
import type { Platform } from './platform.ts';
import type { WatchRequest } from './request.ts';
import { findSubject } from './subject.ts';
import { type Family, living } from './tree.ts';
import { current, type PhaseEvent, type Walk } from './walk.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Everything that is seen of one run, brought into the phase machine in the order in which it counts. */
export interface Observation {
  readonly walk: () => Walk;
  readonly exit: () => Exit | null;
  readonly marks: () => readonly Mark[];
  readonly feed: (event: PhaseEvent) => void;
  /** Reads the marks, then lets the clock count as it stood at `t`: reading them may have taken long. */
  readonly tick: (t: number, late: number) => void;
  /** Asks whose phases count; costs a few reads of the process table. */
  readonly findSubject: () => void;
  /** Until something is fed or the time comes; answers with the time at which it went on. */
  readonly pause: (until: number) => Promise<number>;
  readonly close: () => void;
}

export interface ObservationParts {
  readonly request: WatchRequest;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly at: number;
  readonly marksFile: string | null;
  readonly family: Family;
  readonly platform: Platform;
}

/** Characters. */
const MARKS_AT_ONCE = 4 * 1024 * 1024;
/** Of a program with many thousands of children the first ones' are kept. */
const MARKS_KEPT = 100_000;

export function observe(parts: ObservationParts): Observation {
  const { request, child, pid, at, family, platform } = parts;
  const marksReader = parts.marksFile === null ? null : readMarks(parts.marksFile);
  let marks: readonly Mark[] = [];
  const outerPids = new Map<number, number>();
  let walk = spawned(request, pid, at);
  let exit: Exit | null = null;
  const pausing = new Set<() => void>();
  const wake = () => {
    for (const resume of pausing) resume();
  };

  const feed = (event: PhaseEvent) => {
    const before = current(walk).phase;
    walk = advance(walk, event);
    const { phase, at: since } = current(walk);
    if (phase !== before) request.onEvent({ kind: 'phase', phase, at: since - at });
  };
  const inOurNumbers = (mark: Mark): Mark => {
    const outer = outerPids.get(mark.pid);
    return outer === undefined ? mark : { ...mark, pid: outer };
  };
  const feedMark = ({ pid: marker, t, name }: Mark) =>
    feed({ kind: 'mark', pid: marker, t: toMilliseconds(t), name });
  const takeMarks = () => {
    const fresh = (marksReader?.next() ?? []).map(inOurNumbers);
    if (fresh.length > 0) marks = [...marks, ...fresh.slice(0, MARKS_KEPT - marks.length)];
    for (const mark of fresh) feedMark(mark);
  };
  const takeSubject = () => {
    const subject = findSubject({
      leader: pid,
      current: walk.subject,
      marks,
      members: living(family, platform),
      platform,
    });
    if (subject === walk.subject) return;
    // A probe in a pid namespace of its own marks by the number that its process has there.
    const own = platform.ownPid(subject);
    if (own !== subject) {
      outerPids.set(own, subject);
      marks = marks.map(inOurNumbers);
    }
    feed({ kind: 'subject', pid: subject, t: now() });
    for (const mark of marks) feedMark(mark);
  };

  child.on('exit', (code, signal) => {
    const t = now();
    exit = { code, signal };
    takeMarks();
    if (!marks.some((mark) => mark.pid === walk.subject)) takeSubject();
    feed({ kind: 'exit', t });
    wake();
  });

  return {
    walk: () => walk,
    exit: () => exit,
    marks: () => marks,
    feed: (event) => {
      feed(event);
      wake();
    },
    tick: (t, late) => {
      takeMarks();
      feed({ kind: 'tick', t, late });
    },
    findSubject: () => {
      takeMarks();
      takeSubject();
    },
    pause: (until) =>
      new Promise((answer) => {
        const resume = () => {
          clearTimeout(timer);
          pausing.delete(resume);
          answer(now());
        };
        const timer = setTimeout(resume, Math.max(0, until - now()));
        pausing.add(resume);
      }),
    close: () => marksReader?.close(),
  };
}

/** Reads what has been appended since the last time; of a flood, which no probe writes, a part at a time. */
function readMarks(path: string): { readonly next: () => Mark[]; readonly close: () => void } {
  const descriptor = openSync(path, 'r');
  const buffer = Buffer.alloc(4096);
  let rest = '';
  let isOpen = true;
  return {
    next: () => {
      // A process that would not die can still end after its run.
      if (!isOpen) return [];
      let text = rest;
      while (text.length < MARKS_AT_ONCE) {
        const length = readSync(descriptor, buffer);
        if (length === 0) break;
        text += buffer.toString('latin1', 0, length);
      }
      // A line without its end is still being written.
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end).slice(0, buffer.length);
      return parseMarks(text.slice(0, end));
    },
    close: () => {
      isOpen = false;
      closeSync(descriptor);
    },
  };
}
