import { problem } from '../problem.ts';

/** A flag of `builder-args` that a builder takes, and whether a value follows it. */
export type Flags = Readonly<Record<string, 'alone' | 'value'>>;

export interface GivenFlag {
  readonly flag: string;
  /** Null for one that stands alone. */
  readonly value: string | null;
}

/** Throws a settings problem for the first word that is none of the flags, and for a flag without its value. */
export function readFlags(builder: string, args: readonly string[], flags: Flags): readonly GivenFlag[] {
  const given: GivenFlag[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const [flag = '', inline] = word.startsWith('--') ? word.split(/=(.*)/s) : [word];
    const kind = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
    if (kind === undefined || (kind === 'alone' && inline !== undefined)) throw refused(builder, word, flags);
    if (kind === 'alone') {
      given.push({ flag, value: null });
      continue;
    }
    const value = inline ?? args[at + 1];
    if (value === undefined) throw refused(builder, word, flags, `${flag} with a value`);
    if (inline === undefined) at += 1;
    given.push({ flag, value });
  }
  return given;
}

function refused(builder: string, word: string, flags: Flags, takes?: string): Error {
  const names = Object.keys(flags).filter((flag) => flag.startsWith('--'));
  return problem(
    'settings',
    `builder-args: got "${word}", takes ${takes ?? names.join(', ')} with the builder ${builder}.`,
  );
}
