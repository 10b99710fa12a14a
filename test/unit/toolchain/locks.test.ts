import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type LockName, lockedTool, lockedTools, lockPath } from '../../../src/toolchain/lockFile.ts';
import { defaultPexVersion, pexVersion } from '../../../src/toolchain/pex.ts';

const NAMES: readonly LockName[] = ['pip', 'pex', 'shiv', 'pyinstaller', 'evidence', 'uv'];

test.each(NAMES)('every tool of locks/%s.txt is pinned with a hash', (name) => {
  const tools = lockedTools(readFileSync(lockPath(name), 'utf8'));
  expect(tools.length).toBeGreaterThan(0);
  for (const tool of tools) expect(tool.hashes.length).toBeGreaterThan(0);
});

test.each(['3.8.0', '3.9.2', '3.10.13', '3.11.0', '3.12.1', '3.13.0'])(
  'the locks have all tools for %s',
  (version) => {
    for (const [lock, tool] of [
      ['pip', 'pip'],
      ['pex', 'pex'],
      ['shiv', 'shiv'],
      ['shiv', 'click'],
      ['pyinstaller', 'pyinstaller'],
      ['evidence', 'py-spy'],
      ['evidence', 'pystack'],
    ] as const) {
      expect(lockedTool(lock, tool, version).name).toBe(tool);
    }
  },
);

describe('builder-version', () => {
  test('is the locked one unless set', () => {
    expect(pexVersion(null)).toBe(defaultPexVersion());
    expect(pexVersion('2.28.1')).toBe('2.28.1');
    expect(pexVersion('2.100.0')).toBe('2.100.0');
  });

  test.each(['2.28.0', '2.3.1', '1.6.12', 'latest', '>=2.30', '2', ''])('%o is refused', (setting) => {
    expect(() => pexVersion(setting)).toThrow(/builder-version/);
  });
});
