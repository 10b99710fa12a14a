import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { staleFiles } from '../../../scripts/generate.ts';
import { NODE_24 } from '../../support/cli.ts';
import { inRepository } from '../../support/paths.ts';

test('what is made from the settings is as it would be made now', () => {
  expect([...staleFiles().keys()], 'run npm run generate').toEqual([]);
});

test('the script itself says so', () => {
  const output = execFileSync(NODE_24, [inRepository('scripts', 'generate.ts'), '--check'], {
    encoding: 'utf8',
  });
  expect(output).toBe('');
});
