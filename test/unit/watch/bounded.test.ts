import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskPiece } from '../../../src/evidence/mask.ts';
import { bounded } from '../../../src/watch/bounded.ts';

test('keeps the first and the last bytes, however they come', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(
      chunks,
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      (parts, first, last) => {
        const all = Buffer.concat(parts);
        const kept = bounded(first, last);
        for (const part of parts) kept.add(part);
        const { head, tail, cut } = kept.read();
        expect(head).toEqual(all.subarray(0, first));
        expect(tail).toEqual(all.subarray(Math.max(first, all.length - last)));
        expect(cut).toBe(all.length > first + last);
      },
    ),
  );
});

test('keeps bytes, not views of memory that is used again', () => {
  const chunk = Buffer.from('one');
  const kept = bounded(2, 10);
  kept.add(chunk);
  chunk.fill(0);
  expect(Buffer.concat(Object.values(kept.read()).filter(Buffer.isBuffer)).toString()).toBe('one');
});

test('no long part of a secret survives a cut, wherever it goes through', () => {
  const secret = 'kjh7-23kj-98sd';
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: secret.length }),
      fc.constantFrom('start', 'end'),
      (length, side) => {
        const text = side === 'end' ? `before ${secret.slice(0, length)}` : `${secret.slice(-length)} after`;
        const masked = maskPiece(text, [secret], { start: side === 'start', end: side === 'end' });
        expect(masked.includes(side === 'end' ? secret.slice(0, 4) : secret.slice(-4))).toBe(false);
      },
    ),
  );
  expect(maskPiece(`a ${secret} b`, [secret], { start: false, end: false })).toBe('a *** b');
  expect(maskPiece('kjh7-23', [secret], { start: false, end: false })).toBe('kjh7-23');
});
