import { expect, test } from 'vitest';
import { motionOf } from '../../../src/evidence/motion.ts';
import type { Evidence, Frame } from '../../../src/report/model.ts';

const PID = 7;

function snapshots(looks: readonly { cpu: number; state: string; frames: readonly Frame[] }[]): Evidence[] {
  return looks.flatMap(({ cpu, state, frames }, index) => {
    const common = {
      pid: PID,
      role: 'main',
      command: 'x',
      at: 5000 + index * 1000,
      snapshot: index === 0 ? 1 : 2,
    } as const;
    const thread = { name: null, tid: PID, main: true };
    return [
      { ...common, source: 'proc', threads: [{ ...thread, state, cpu, frames: [] }] },
      { ...common, source: 'py-spy', threads: [{ ...thread, frames }] },
    ];
  });
}

function at(name: string, line: number): Frame[] {
  return [{ function: name, file: 'main.py', line }];
}

test('the same stack without processor time is blocked', () => {
  const look = { cpu: 100, state: 'S futex_wait', frames: at('wait', 3) };
  expect(motionOf(snapshots([look, { ...look, cpu: 105 }]), PID)).toBe('blocked');
});

test('the same function with processor time spins, whatever line it has reached', () => {
  const looks = [
    { cpu: 100, state: 'R', frames: at('spin', 3) },
    { cpu: 300, state: 'R', frames: at('spin', 4) },
  ];
  expect(motionOf(snapshots(looks), PID)).toBe('spinning');
});

test('another stack is progress', () => {
  const looks = [
    { cpu: 100, state: 'S', frames: at('first', 3) },
    { cpu: 101, state: 'S', frames: at('second', 9) },
  ];
  expect(motionOf(snapshots(looks), PID)).toBe('progressing');
});

test('one snapshot, or the snapshots of another process, tell nothing', () => {
  const both = snapshots([
    { cpu: 1, state: 'S', frames: [] },
    { cpu: 1, state: 'S', frames: [] },
  ]);
  expect(motionOf(both.slice(0, 2), PID)).toBeNull();
  expect(motionOf(both, PID + 1)).toBeNull();
});

test('without any Python stack /proc alone tells', () => {
  const looks = [
    { cpu: 0, state: 'R', frames: [] },
    { cpu: 900, state: 'R', frames: [] },
  ];
  expect(motionOf(snapshots(looks), PID)).toBe('spinning');
});
