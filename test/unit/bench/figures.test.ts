import { expect, test } from 'vitest';
import { type Contender, figures, median, race } from '../../../bench/figures.ts';

const used = (wall: number) => ({ wall, cpu: wall / 2, peak: 10 });

test('the median of an even number of values lies between the middle two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('ratios are of medians, against the first', () => {
  const [peer, other] = figures([
    { name: 'bare', all: [used(10), used(12), used(1000)] },
    { name: 'watched', all: [used(24)] },
  ]);
  expect(peer?.ratio).toEqual({ wall: 1, cpu: 1 });
  expect(other?.ratio).toEqual({ wall: 2, cpu: 2 });
});

test('contenders take turns, in an order that turns round', async () => {
  const order: string[] = [];
  const contender = (name: string): Contender => ({
    name,
    measure: () => {
      order.push(name);
      return used(1);
    },
  });
  await race([contender('a'), contender('b')], 3);
  expect(order.join('')).toBe('abbaab');
});
