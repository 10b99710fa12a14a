export const CACHE_CHOICES = ['auto', 'on', 'read', 'off'] as const;
export type CacheChoice = (typeof CACHE_CHOICES)[number];

/** What started the workflow; all null outside of one. */
export interface CacheEvent {
  /** `GITHUB_EVENT_NAME` */
  readonly name: string | null;
  /** `GITHUB_REF` */
  readonly ref: string | null;
}

export interface CachePolicy {
  readonly read: boolean;
  readonly write: boolean;
  /** Why not, where one of them is false. */
  readonly reason: string | null;
}

/** What is released is built from scratch: nothing that an earlier run stored is shipped. */
const FRESH_EVENTS = new Set(['release', 'pull_request_target', 'workflow_run']);

/** Strangers can start these with the rights, and the cache, of the default branch. */
const LOW_TRUST_EVENTS = new Set([
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'fork',
  'watch',
]);

export function cachePolicy(choice: CacheChoice, event: CacheEvent): CachePolicy {
  if (choice === 'off') return { read: false, write: false, reason: 'cache: off' };
  const name = event.name ?? '';
  if (choice === 'auto') {
    const why = FRESH_EVENTS.has(name)
      ? `the event ${name}`
      : event.ref?.startsWith('refs/tags/')
        ? 'a tag'
        : null;
    if (why !== null) {
      return { read: false, write: false, reason: `cache: auto builds from scratch for ${why}` };
    }
  }
  if (choice === 'read') return { read: true, write: false, reason: 'cache: read' };
  if (LOW_TRUST_EVENTS.has(name)) {
    return { read: true, write: false, reason: `the event ${name} may read the cache only` };
  }
  return { read: true, write: true, reason: null };
}
