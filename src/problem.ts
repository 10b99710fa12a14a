/** What went wrong decides the exit code, see `src/exitCodes.ts`. */
export type ProblemKind = 'settings' | 'build' | 'internal';

const PROBLEM = Symbol('exitproof.problem');

/** A fault with words for the user: `message` says what happened, `hint` what they can do. */
export interface Problem extends Error {
  readonly [PROBLEM]: ProblemKind;
  readonly kind: ProblemKind;
  readonly hint: string | undefined;
}

export function problem(
  kind: ProblemKind,
  message: string,
  options: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): Problem {
  const error = new Error(message, options.cause === undefined ? undefined : { cause: options.cause });
  return Object.assign(error, { name: 'Problem', [PROBLEM]: kind, kind, hint: options.hint });
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && PROBLEM in error;
}
