import { describe, expect, test } from 'vitest';
import type { MarkName } from '../../../src/evidence/marks.ts';
import { heldOn } from '../../../src/watch/holders.ts';
import { isGone, type Platform, type ProcessStat } from '../../../src/watch/platform.ts';
import { parsePs } from '../../../src/watch/portable.ts';
import { parseStat } from '../../../src/watch/proc.ts';
import { findSubject } from '../../../src/watch/subject.ts';
import { signalSafely } from '../../../src/watch/terminate.ts';
import { living, openCensus } from '../../../src/watch/tree.ts';

interface Fake extends ProcessStat {
  readonly environment?: string;
  readonly python?: boolean;
}

function fake(pid: number, fields: Partial<Fake> = {}): Fake {
  return { pid, startTime: String(1000 + pid), parent: 1, group: pid, session: pid, state: 'S', ...fields };
}

/** A process table of our own; this very process stands in it, so that all the others are younger. */
function tableOf(initial: readonly Fake[]) {
  const rows = new Map<number, Fake>([[process.pid, fake(process.pid, { startTime: '1' })]]);
  const killed: number[] = [];
  const set = (...processes: Fake[]) => {
    for (const process of processes) rows.set(process.pid, process);
  };
  set(...initial);
  const platform: Platform = {
    hasProc: true,
    pids: () => [...rows.keys()],
    stat: (pid) => rows.get(pid) ?? null,
    environment: (pid) => Buffer.from(rows.get(pid)?.environment ?? ''),
    command: () => '',
    ownPid: (pid) => pid,
    holds: () => [],
    isPython: (pid) => rows.get(pid)?.python ?? false,
    startedSince: (stat, reference) => Number(stat.startTime) >= Number(reference.startTime),
    kill: (pid) => {
      killed.push(pid);
    },
    killGroup: () => {},
  };
  return { platform, killed, set, remove: (pid: number) => rows.delete(pid) };
}

describe('the process table', () => {
  test('is read past a name with spaces and brackets', () => {
    const rest = 'S 1 42 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0';
    expect(parseStat(`42 (a) b (c) ${rest}`)).toEqual({
      pid: 42,
      startTime: '987654',
      parent: 1,
      group: 42,
      session: 7,
      state: 'S',
    });
    expect(parseStat('')).toBeNull();
  });

  test('of ps is read line by line', () => {
    const text = '  42     1    42 Ss   Mon Nov 23 10:00:01 2026     /bin/sh -c x\nnonsense\n';
    expect(parsePs(text)).toEqual([
      {
        pid: 42,
        parent: 1,
        group: 42,
        session: 42,
        state: 'S',
        startTime: 'Mon Nov 23 10:00:01 2026',
        command: '/bin/sh -c x',
      },
    ]);
  });

  test('zombies count as gone', () => {
    expect([null, fake(1, { state: 'Z' }), fake(1, { state: 'X' }), fake(1)].map(isGone)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('the family of a run', () => {
  function start() {
    const table = tableOf([fake(5), fake(10)]);
    const census = openCensus(table.platform);
    table.set(fake(100));
    const family = census.found('id.1;', { leader: 100 });
    const members = () => {
      census.look();
      return living(family, table.platform).map(({ pid }) => pid);
    };
    return { table, census, family, members };
  }

  test.each<[string, Fake]>([
    ['child', fake(101, { parent: 100, session: 50 })],
    ['session', fake(101, { session: 100 })],
    ['cookie', fake(101, { environment: 'A=1\0EXITPROOF_RUN=id.1;\0' })],
    ['cookie beside that of a guard around it', fake(101, { environment: 'EXITPROOF_RUN=o.9;id.1;\0' })],
  ])('is known by its %s', (_way, process) => {
    const { table, members } = start();
    table.set(process);
    expect(members()).toEqual([100, 101]);
  });

  test('is not that of another run, nor a stranger', () => {
    const { table, members } = start();
    table.set(fake(101, { environment: 'EXITPROOF_RUN=id.11;\0' }), fake(102));
    expect(members()).toEqual([100]);
  });

  test('is not all that shares a session with exitproof, though a member may', () => {
    const { table, members } = start();
    table.set(fake(101, { environment: 'EXITPROOF_RUN=id.1;', session: process.pid }));
    expect(members()).toEqual([100, 101]);
    table.set(fake(102, { session: process.pid }));
    expect(members()).toEqual([100, 101]);
  });

  test('is followed through a session whose leader is gone', () => {
    const { table, members } = start();
    table.set(fake(101, { parent: 100 }));
    expect(members()).toEqual([100, 101]);
    table.remove(101);
    table.set(fake(102, { session: 101 }));
    expect(members()).toEqual([100, 102]);
  });

  test('loses a number that another process has by now', () => {
    const { table, members } = start();
    table.set(fake(100, { startTime: '9999' }));
    expect(members()).toEqual([]);
  });

  test.each<[string, Fake]>([
    ['parent', fake(102, { parent: 101 })],
    ['session', fake(102, { session: 101 })],
  ])('takes nobody in whose %s has but the number of a member that was', (_way, stranger) => {
    const { table, members } = start();
    table.set(fake(101, { parent: 100 }));
    expect(members()).toEqual([100, 101]);
    table.set(fake(101, { startTime: '9999', parent: 1 }), stranger);
    expect(members()).toEqual([100]);
  });

  test('takes nobody in whose session has but the number of one that had lost its leader', () => {
    const { table, members } = start();
    table.set(fake(102, { parent: 100, session: 101 }));
    expect(members()).toEqual([100, 102]);
    table.remove(102);
    table.set(fake(101, { startTime: '9999' }), fake(103, { session: 101 }));
    expect(members()).toEqual([100]);
  });

  test('is looked for among all that are younger only where that is asked for', () => {
    const { table, census, family, members } = start();
    table.set(fake(10, { environment: 'EXITPROOF_RUN=id.1;\0' }), fake(5, { startTime: '0', parent: 100 }));
    expect(members()).toEqual([100]);
    census.look({ full: true });
    expect([...family.members.keys()]).toEqual([100, 10]);
  });
});

test('no signal goes to a number that another process has by now', () => {
  const { platform, killed, set } = tableOf([fake(100)]);
  expect(signalSafely(platform, fake(100), 'SIGKILL')).toBe(true);
  set(fake(100, { startTime: '9999' }));
  expect(signalSafely(platform, fake(100), 'SIGKILL')).toBe(false);
  expect(signalSafely(platform, fake(101), 'SIGKILL')).toBe(false);
  expect(killed).toEqual([100]);
});

test.for([1, 0, -1, -100])('no signal goes to %s, which stands for init or for many', (pid) => {
  const { platform, killed } = tableOf([fake(pid)]);
  expect(signalSafely(platform, fake(pid), 'SIGKILL')).toBe(false);
  expect(killed).toEqual([]);
});

test('a holder counts only where the very same process was there before', () => {
  const holder = (pid: number, startTime: string) => ({
    stat: fake(pid, { startTime }),
    command: '',
    holds: [],
  });
  const before = [holder(1, 'a'), holder(2, 'a')];
  expect(heldOn(before, [holder(1, 'a'), holder(2, 'b'), holder(3, 'a')])).toEqual([holder(1, 'a')]);
});

describe('the subject', () => {
  const start = (pid: number) => ({ pid, t: 0n, name: 'start' as MarkName });
  const subjectOf = (members: readonly Fake[], marked: readonly number[] = [], current = 100) =>
    findSubject({
      leader: 100,
      current,
      marks: marked.map(start),
      members,
      platform: tableOf(members).platform,
    });

  test.each<[string, readonly Fake[], readonly number[], number]>([
    ['the spawned process if it marks', [fake(100), fake(101, { parent: 100 })], [101, 100], 100],
    [
      'the spawned process if it is Python',
      [fake(100, { python: true }), fake(101, { parent: 100 })],
      [],
      100,
    ],
    [
      'the Python behind a shell',
      [fake(100), fake(101, { parent: 100 }), fake(102, { parent: 100, python: true })],
      [],
      102,
    ],
    [
      'the Python behind two launchers',
      [fake(100), fake(101, { parent: 100 }), fake(102, { parent: 101, python: true })],
      [],
      102,
    ],
    [
      'the marking one of two',
      [fake(100), fake(101, { parent: 100 }), fake(102, { parent: 100 })],
      [102],
      102,
    ],
    [
      'the spawned process where two could be meant',
      [fake(100), fake(101, { parent: 100, python: true }), fake(102, { parent: 100, python: true })],
      [],
      100,
    ],
    ['the one that marked first, where all is over', [], [101, 102], 101],
    ['the spawned process, where nothing is known', [], [], 100],
  ])('is %s', (_words, members, marked, subject) => {
    expect(subjectOf(members, marked)).toBe(subject);
  });

  test('stays the same for as long as it lives', () => {
    const shell = [fake(100), fake(101, { parent: 100 }), fake(102, { parent: 100 })];
    expect(subjectOf(shell, [101, 102], 101)).toBe(101);
    const next = [fake(100), fake(102, { parent: 100, python: true })];
    expect(subjectOf(next, [101, 102], 101)).toBe(102);
  });
});
