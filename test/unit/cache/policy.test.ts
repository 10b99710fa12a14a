import { describe, expect, it } from 'vitest';
import { CACHE_CHOICES, cachePolicy } from '../../../src/cache/policy.ts';

const at = (name: string | null, ref: string | null = 'refs/heads/main') => ({ name, ref });

describe('whether the cache is used', () => {
  it.each([
    ['release', at('release')],
    ['a tag', at('push', 'refs/tags/v1')],
    ['pull_request_target', at('pull_request_target')],
    ['workflow_run', at('workflow_run')],
  ])('auto builds from scratch for %s', (_, event) => {
    expect(cachePolicy('auto', event)).toMatchObject({ read: false, write: false });
    expect(cachePolicy('auto', event).reason).toContain('from scratch');
  });

  it.each([at('push'), at('pull_request'), at('schedule'), at(null, null)])(
    'auto reads and writes for %j',
    (event) => {
      expect(cachePolicy('auto', event)).toEqual({ read: true, write: true, reason: null });
    },
  );

  it('no choice lets an event that strangers can start write', () => {
    for (const choice of CACHE_CHOICES) {
      for (const name of [
        'pull_request_target',
        'workflow_run',
        'issue_comment',
        'issues',
        'discussion_comment',
      ]) {
        expect(cachePolicy(choice, at(name)), `${choice} ${name}`).toMatchObject({ write: false });
      }
    }
  });

  it('read never writes, off does neither, and both say why', () => {
    expect(cachePolicy('read', at('push'))).toEqual({ read: true, write: false, reason: 'cache: read' });
    expect(cachePolicy('off', at('push'))).toEqual({ read: false, write: false, reason: 'cache: off' });
    expect(cachePolicy('on', at('release'))).toEqual({ read: true, write: true, reason: null });
  });
});
