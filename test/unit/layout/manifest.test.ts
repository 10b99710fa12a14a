import { expect, it } from 'vitest';
import { type Entry, seal } from '../../../src/layout/manifest.ts';
import { INFO } from './tree.ts';

it('is sealed to the same bytes, in whatever order its entries were put together', () => {
  const entries: readonly Entry[] = [
    { kind: 'directory', path: 'a', mode: 0o755 },
    { kind: 'file', path: 'a/b', mode: 0o644, size: 1, sha256: '0'.repeat(64), tokens: false },
    { kind: 'link', path: 'c', target: 'a/b' },
  ];
  const turned: readonly Entry[] = [
    { mode: 0o755, path: 'a', kind: 'directory' },
    { tokens: false, sha256: '0'.repeat(64), size: 1, mode: 0o644, path: 'a/b', kind: 'file' },
    { target: 'a/b', path: 'c', kind: 'link' },
  ];
  expect(seal({ info: INFO, manifest: turned })).toBe(seal({ info: INFO, manifest: entries }));
});
