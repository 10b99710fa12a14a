import * as core from '@actions/core';
import type { Annotation } from '../report/annotation.ts';

/** What GitHub shows at the pull request. The log must be closed before: a deaf runner obeys nothing. */
export function annotate(
  { title, message, file, startLine }: Annotation,
  level: 'error' | 'warning' = 'error',
): void {
  const say = level === 'error' ? core.error : core.warning;
  say(message, {
    title,
    ...(file === undefined ? {} : { file }),
    ...(startLine === undefined ? {} : { startLine }),
  });
}
