import { expect, test } from 'vitest';
import { causeDocs } from '../../../src/diagnose/causeDocs.ts';
import { stallNames } from '../../support/stalls.ts';

test('the page of causes links each pair of programs that there is, and no other', () => {
  const linked = [...causeDocs().matchAll(/\.\.\/examples\/stalls\/([\w-]+)\/stalled\.py/g)].map(
    ([, name]) => name,
  );
  expect([...linked].sort()).toEqual(stallNames());
});
