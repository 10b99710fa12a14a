import { shortFile } from '../../report/location.ts';
import type { Phase, SourceLine } from '../../report/model.ts';
import { type Chain, waitChain } from '../chain.ts';
import type { Facts, Stack } from '../facts.ts';
import { type Blamed, findGuilty, findHolder, isSystemFrame } from '../guilty.ts';

/** The facts, and what was worked out of them once for all causes. */
export interface Situation {
  readonly facts: Facts;
  /** The main thread of the main process. */
  readonly main: Stack | null;
  readonly chain: Chain | null;
  /** The last of the chain: what everything waits for. */
  readonly end: Stack | null;
  readonly guilty: Blamed | null;
  readonly holder: Blamed | null;
}

export interface Cause {
  readonly slug: string;
  /** The phases that it can stand in. */
  readonly phases: readonly Phase[] | 'any';
  /** What is going on, for the docs page: two or three sentences. */
  readonly about: string;
  readonly matches: (situation: Situation) => boolean;
  /** One sentence with the names filled in, without its full stop. */
  readonly summary: (words: Words, situation: Situation) => string;
  /** To paste; indented lines are code. */
  readonly remedy: string;
  /** The programs that it is tested on. */
  readonly programs: readonly string[];
}

/** The names that a sentence is filled with. */
export interface Words {
  /** `poll_queue() (src/uploader/worker.py:31)` */
  readonly guilty: string;
  /** `thread "uploader"`, `the main thread`, `child process 4243` */
  readonly who: string;
  /** `; the lock is held in hold_forever() (main.py:11)`, or nothing */
  readonly held: string;
}

export function situationOf(facts: Facts): Situation {
  const chain = waitChain(facts);
  const guilty = chain === null ? null : findGuilty(chain, facts);
  return {
    facts,
    main: facts.main?.main ?? null,
    chain,
    end: chain?.at(-1) ?? null,
    guilty,
    holder: guilty === null ? null : findHolder(guilty, facts),
  };
}

export type Locate = (blamed: Blamed) => SourceLine | null;

export function wordsOf({ guilty, holder, end }: Situation, locate: Locate): Words {
  const named = (blamed: Blamed) => `${blamed.frame.function}()${placeOf(blamed, locate)}`;
  return {
    guilty: guilty === null ? 'a place that no tool could name' : named(guilty),
    who: who(guilty?.stack ?? end),
    held: holder === null ? '' : `; the lock is held in ${named(holder)}`,
  };
}

function placeOf(blamed: Blamed, locate: Locate): string {
  const source = locate(blamed);
  if (source !== null) return ` (${source.path}:${source.line})`;
  const { file, line } = blamed.frame;
  if (file === null || isSystemFrame(blamed.frame)) return '';
  const short = shortFile(file);
  const name = short.startsWith('/') ? (short.split('/').at(-1) ?? short) : short;
  return line === null || line === 0 ? ` (${name})` : ` (${name}:${line})`;
}

function who(stack: Stack | null): string {
  if (stack === null) return 'a thread';
  if (stack.role === 'descendant') return `child process ${stack.pid}`;
  if (stack.main) return 'the main thread';
  return stack.name === null ? 'another thread' : `thread ${JSON.stringify(stack.name.slice(0, 80))}`;
}
