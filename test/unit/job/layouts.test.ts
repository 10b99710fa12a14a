import { describe, expect, test } from 'vitest';
import { hasPassed, judged, layoutToShip, layoutWarning, otherLayout } from '../../../src/job/layouts.ts';
import type { Frame, Layout, RunRecord } from '../../../src/report/model.ts';
import { worstRun } from '../../../src/report/worst.ts';
import { openTally } from '../../../src/soak/tally.ts';
import { PASSED_RUN, STALL_EVIDENCE, STALLED_RUN } from '../report/sample.ts';

const ZIPAPP = ['zipapp'] as const;
const BOTH = ['zipapp', 'venv'] as const;
const PEX = '/root/pex/unzipped_pexes/1/29244e9b4fb7c75398d80ed3863ded0f66addb6a/.bootstrap/pex/common.py';

const passed = (layout: Layout): RunRecord => ({ ...PASSED_RUN, layout });
const failed = (layout: Layout): RunRecord => ({ ...PASSED_RUN, layout, verdict: 'failed', exitCode: 3 });

/** Stalled with this stack as the guilty one, innermost first. */
function stalled(layout: Layout, files: readonly string[]): RunRecord {
  const frames = files.map((file): Frame => ({ function: 'f', file, line: 1 }));
  const threads = [{ name: null, tid: 1, main: true, guilty: true, frames }];
  return { ...STALLED_RUN, layout, evidence: [{ ...STALL_EVIDENCE, threads }] };
}

const inPex = stalled('zipapp', [PEX]);
const calledByPex = stalled('zipapp', ['/usr/lib/python3.12/queue.py', '/app/main.py', PEX]);

describe('a stall in one layout', () => {
  test("calls for the other where PEX's own code is what stalls", () => {
    expect(otherLayout({ builder: 'pex', layouts: ZIPAPP, onStall: 'fail' }, [inPex], [])).toBe('venv');
    expect(otherLayout({ builder: 'pex', layouts: ['venv'], onStall: 'fail' }, [inPex], [])).toBe('zipapp');
  });

  test("and where it stands in the library on PEX's behalf", () => {
    const inLibrary = stalled('zipapp', ['/usr/lib/python3.12/shutil.py', '/x/app.pex/.bootstrap/pex/fs.py']);
    expect(otherLayout({ builder: 'pex', layouts: ZIPAPP, onStall: 'fail' }, [inLibrary], [])).toBe('venv');
  });

  test('does not where PEX only called the program', () => {
    expect(otherLayout({ builder: 'pex', layouts: ZIPAPP, onStall: 'fail' }, [calledByPex], [])).toBeNull();
  });

  test('does where a zipapp may be replaced, whatever stalls', () => {
    expect(otherLayout({ builder: 'pex', layouts: ZIPAPP, onStall: 'use-venv' }, [calledByPex], [])).toBe(
      'venv',
    );
    expect(
      otherLayout(
        { builder: 'pex', layouts: ['venv'], onStall: 'use-venv' },
        [stalled('venv', ['/app/main.py'])],
        [],
      ),
    ).toBeNull();
  });

  test('does not where both ran, or nothing stalls', () => {
    expect(otherLayout({ builder: 'pex', layouts: BOTH, onStall: 'use-venv' }, [inPex], [])).toBeNull();
    expect(
      otherLayout({ builder: 'pex', layouts: ZIPAPP, onStall: 'use-venv' }, [failed('zipapp')], []),
    ).toBeNull();
  });
});

describe('on-stall: use-venv', () => {
  const wish = { layouts: ZIPAPP, onStall: 'use-venv' } as const;
  const only = { runs: [inPex, passed('zipapp'), passed('venv'), passed('venv')], soak: null };

  test('ships the venv where only the zipapp stalls, and the verdict is the venv’s', () => {
    expect(layoutToShip(wish, only)).toBe('venv');
    expect(worstRun(judged(wish, 'venv', only))?.verdict).toBe('passed');
    expect(layoutWarning(wish, 'venv', only)).toBe(
      'the zipapp stalls in 1 of 2 runs, the venv, which is shipped instead of the zipapp, in 0 of 2 runs; cause: queue-consumer',
    );
  });

  test.each<[string, readonly RunRecord[]]>([
    ['stalls, too', [inPex, stalled('venv', ['/app/main.py'])]],
    ['fails', [inPex, failed('venv')]],
    ['was not run', [inPex]],
  ])('keeps the zipapp where the venv %s', (_, runs) => {
    expect(layoutToShip(wish, { runs, soak: null })).toBe('zipapp');
    expect(worstRun(judged(wish, 'zipapp', { runs, soak: null }))?.verdict).toBe('stalled');
    expect(layoutWarning(wish, 'zipapp', { runs, soak: null })).toBeNull();
  });

  test('keeps the zipapp where it does not stall', () => {
    const runs = [failed('zipapp'), passed('venv')];
    expect(layoutToShip({ ...wish, layouts: BOTH }, { runs, soak: null })).toBe('zipapp');
  });

  test('lets a venv that is shipped anyway pass, and warns of the zipapp', () => {
    const venvFirst = { layouts: ['venv', 'zipapp'], onStall: 'use-venv' } as const;
    expect(layoutToShip(venvFirst, only)).toBe('venv');
    expect(layoutWarning(venvFirst, 'venv', only)).toMatch(/the venv, which is shipped, in 0 of 2 runs/);
  });

  test('counts the runs of a soak, of which not all are kept', () => {
    const tally = openTally();
    for (let run = 0; run < 20; run += 1) {
      tally.add(run < 3 ? inPex : passed('zipapp'), null);
      tally.add(passed('venv'), null);
    }
    expect(layoutToShip(wish, tally.read())).toBe('venv');
    expect(layoutWarning(wish, 'venv', tally.read())).toMatch(/3 of 20 runs.*0 of 20 runs/);
    tally.add({ ...inPex, layout: 'venv' }, null);
    expect(layoutToShip(wish, tally.read())).toBe('zipapp');
    expect(worstRun(judged(wish, 'venv', tally.read()))?.verdict).toBe('stalled');
  });
});

describe('on-stall: fail', () => {
  const wish = { layouts: ZIPAPP, onStall: 'fail' } as const;

  test('a layout that nobody asked for changes no verdict', () => {
    const seen = { runs: [inPex, { ...PASSED_RUN, verdict: 'not-started' as const }], soak: null };
    expect(layoutToShip(wish, seen)).toBe('zipapp');
    expect(worstRun(judged(wish, 'zipapp', seen))?.verdict).toBe('stalled');
  });

  test('each that was asked for counts', () => {
    const seen = { runs: [passed('zipapp'), stalled('venv', ['/app/main.py'])], soak: null };
    expect(worstRun(judged({ ...wish, layouts: BOTH }, 'zipapp', seen))?.verdict).toBe('stalled');
  });
});

describe('a layout is kept as checked', () => {
  test('where each of its runs passed, and there was one', () => {
    const seen = { runs: [passed('zipapp'), passed('venv'), failed('venv')], soak: null };
    expect(hasPassed(seen, 'zipapp')).toBe(true);
    expect(hasPassed(seen, 'venv')).toBe(false);
    expect(hasPassed({ runs: [passed('zipapp')], soak: null }, 'venv')).toBe(false);
  });

  test('and not where one run among many of a soak did not', () => {
    const tally = openTally();
    for (let line = 0; line < 20; line += 1) tally.add(stalled('zipapp', [`/app/file${line}.py`]), null);
    tally.add(passed('venv'), null);
    tally.add(stalled('venv', ['/app/last.py']), null);
    const seen = tally.read();
    expect(hasPassed(seen, 'venv')).toBe(false);
  });
});
