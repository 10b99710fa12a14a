import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { REMEDY_OF_PHASE } from '../../../src/diagnose/causes/unknown.ts';
import { CAUSES } from '../../../src/diagnose/causes.ts';
import { diagnose, withDiagnosis } from '../../../src/diagnose/diagnose.ts';
import { type Evidence, PHASES, type Thread } from '../../../src/report/model.ts';
import { checkoutOf, RECORDED, recorded, requestOf } from './recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'exitproof-recorded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('recorded stalls', () => {
  test.each(RECORDED)('$name on $python', (one) => {
    const diagnosis = diagnose(requestOf(one, checkoutOf(one, folder)));
    if (one.causes.length > 0) expect(one.causes).toContain(diagnosis?.cause);
    if (one.guilty.length > 0) {
      expect(one.guilty).toContain(diagnosis?.guilty?.function);
      expect(diagnosis?.guilty?.source).toMatchObject({ path: 'main.py', exact: true });
    }
    expect(diagnosis?.summary).toMatch(/^\S.{20,}\.$/u);
    if (diagnosis?.cause !== 'unknown') expect(diagnosis?.remedy).toBeTruthy();
  });

  test('each cause of the table is met by one of them, or says why not', () => {
    const met = new Set(RECORDED.map((one) => diagnose(requestOf(one, checkoutOf(one, folder)))?.cause));
    const unmet = CAUSES.map(({ slug }) => slug).filter((slug) => !met.has(slug));
    expect(unmet).toEqual(['native-atexit', 'pex-boot-lock']);
  });
});

describe('without a checkout', () => {
  test.each(RECORDED.filter(({ guilty, name }) => guilty.length > 0 && name !== 'more/pool_thread'))(
    '$name on $python has its guilty frame, unmapped',
    (one) => {
      const guilty = diagnose(requestOf(one, null))?.guilty;
      expect(one.guilty).toContain(guilty?.function);
      expect(guilty?.source).toBeNull();
    },
  );
});

test('the lock is not followed to its holder, who is named beside it', () => {
  const one = recorded('atexit_lock_held');
  const diagnosis = diagnose(requestOf(one, checkoutOf(one, folder)));
  expect(diagnosis?.guilty?.function).toBe('flush_under_lock');
  expect(diagnosis?.holder?.function).toBe('hold_forever');
  expect(diagnosis?.summary).toBe(
    'An exit handler waits for a lock in flush_under_lock() (main.py:16); the lock is held in hold_forever() (main.py:11).',
  );
});

test('the GIL is followed to the thread that has it', () => {
  const one = recorded('atexit_gil_hog');
  expect(diagnose(requestOf(one, null))).toMatchObject({
    cause: 'gil-held',
    guilty: { function: 'grab_gil' },
  });
});

test('a thread that the source starts as a daemon is not the one that is waited for', () => {
  const one = recorded('more/pool_thread');
  expect(diagnose(requestOf(one, checkoutOf(one, folder)))?.guilty?.function).toBe('stay');
});

test('a tool that was cut off before it came to the main thread hides none of it', () => {
  const request = requestOf(recorded('thread_queue_get'), null);
  const evidence = request.run.evidence.map((one) =>
    one.source === 'pystack'
      ? {
          ...one,
          threads: one.threads.filter(({ main }) => !main).flatMap((thread) => [thread, thread, thread]),
        }
      : one,
  );
  expect(diagnose({ ...request, run: { ...request.run, evidence } })).toMatchObject({
    cause: 'queue-consumer',
    guilty: { function: 'consume' },
  });
});

test.each([
  ['0 0x0', 'atexit-stdin'],
  ['63 0x0', 'atexit-stdin'],
  ['0 0x5', 'atexit-handler'],
  ['10 0x0', 'atexit-handler'],
])('without the source the system call %s tells %s', (call, cause) => {
  const request = requestOf(recorded('atexit_stdin_read'), null);
  const evidence = request.run.evidence.map((one) =>
    one.source === 'proc' ? { ...one, text: `state: S\nsyscall: ${call}` } : one,
  );
  expect(diagnose({ ...request, run: { ...request.run, evidence } })?.cause).toBe(cause);
});

test('the blamed thread is marked in each tool that saw it, and only that', () => {
  const one = recorded('thread_queue_get');
  const run = withDiagnosis(requestOf(one, checkoutOf(one, folder)));
  const marked = run.evidence.flatMap(({ source, threads }) =>
    threads
      .filter(({ guilty }) => guilty)
      .map(({ frames }) => `${source} ${frames.some((frame) => frame.function === 'consume')}`),
  );
  expect(marked).toEqual(['py-spy true', 'pystack true']);
});

describe('a run that was cancelled', () => {
  const cancelled = (name: string) => {
    const one = recorded(name);
    const request = requestOf(one, checkoutOf(one, folder));
    return diagnose({ ...request, run: { ...request.run, verdict: 'cancelled' } });
  };

  test('while it worked is told by what it was doing, not by a cause', () => {
    expect(cancelled('run_asyncio_executor')).toMatchObject({
      cause: 'unknown',
      remedy: null,
      summary: expect.stringMatching(
        /^It was cancelled in run, while it was in \w+\(\) \(main\.py:\d+\)\.$/u,
      ),
    });
  });

  test('in its teardown has the cause that it would have stalled by', () => {
    expect(cancelled('thread_queue_get')).toMatchObject({
      cause: 'queue-consumer',
      summary: expect.stringMatching(/^It was cancelled in threading-shutdown: The program has ended, but /u),
    });
  });
});

test('a passed run has no diagnosis', () => {
  const request = requestOf(recorded('thread_sleep'), null);
  expect(diagnose({ ...request, run: { ...request.run, verdict: 'passed' } })).toBeNull();
});

describe('no cause is claimed without its facts', () => {
  /** What must stand in the evidence, whatever else does, before a cause may be named. */
  const needs: Readonly<Record<string, RegExp>> = {
    stopped: /state T/u,
    'vfork-exec': /state D/u,
    'gil-held': /the GIL|take_gil/iu,
    'zmq-linger': /zmq/u,
    'asyncio-executor': /_do_shutdown|_worker/u,
    'executor-process': /(?:_python_exit|shutdown|join_executor_internals) \S*process\.py/u,
    'executor-thread': /(?:_python_exit|shutdown) \S*thread\.py/u,
    'stdout-flush': /flush|write/iu,
    'asyncio-swallow': /_cancel_all_tasks/u,
    'fork-lock': /acquire|__enter__/iu,
    'gevent-hub': /run \S*gevent\/hub\.py/u,
    'timer-pending': /wait \S*threading\.py/u,
    'scheduler-thread': /apscheduler|schedule|main\.py/u,
    'server-thread': /uvicorn/u,
    'accept-loop': /accept|serve_forever/u,
    'queue-consumer': /get \S*queues?\.py|simplequeue_get/iu,
    'thread-deadlock': /acquire/iu,
    'mp-queue-feeder': /_finalize_join/u,
    'mp-manager-gone': /_decref/u,
    'mp-child': /_exit_function/u,
    'weakref-finalize': /_exitfunc/u,
    'logging-shutdown': /shutdown \S*logging/u,
    'gil-drop-96387': /drop_gil|Dropping the GIL|pthread_cond_wait/u,
    'del-lock-daemon': /__del__/u,
    'del-io': /__del__/u,
    'del-loop': /__del__/u,
    'del-handler': /__del__/u,
    'generator-finally': /gen_|main\.py/iu,
    'weakref-callback': /handle_callback|ClearWeakRefs|handle_weakrefs/u,
    'native-dtor': /_dl_fini|_dl_call_fini|__cxa_finalize/u,
    'native-atexit': /__run_exit_handlers|exit/u,
    'pex-boot-lock': /atomic_directory/u,
  };

  const everything = (evidence: readonly Evidence[]) =>
    evidence
      .flatMap(({ text, threads }) => [
        text ?? '',
        ...threads.flatMap(({ state, frames }) => [
          `state ${state ?? ''}`,
          state ?? '',
          ...frames.map((one) => `${one.function} ${one.file}`),
        ]),
      ])
      .join('\n');

  const requests = RECORDED.map((one) => requestOf(one, null));
  const threads = requests.flatMap(({ run }) => run.evidence.flatMap((evidence) => evidence.threads));

  test('over evidence whose threads were dealt anew', () => {
    const mixed = fc.record({
      base: fc.constantFrom(...requests),
      phase: fc.constantFrom(...PHASES),
      motion: fc.constantFrom('blocked', 'spinning', 'progressing', null),
      dealt: fc.array(fc.array(fc.constantFrom(...threads), { maxLength: 4 }), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(mixed, ({ base, phase, motion, dealt }) => {
        const [first] = base.run.evidence;
        if (first === undefined) return;
        const evidence = dealt.map((hand: Thread[]): Evidence => ({ ...first, threads: hand }));
        const diagnosis = diagnose({
          ...base,
          motion,
          run: { ...base.run, verdict: 'stalled', phase, evidence },
        });
        if (diagnosis === null || diagnosis.cause === 'unknown') return;
        const causes = CAUSES.filter(({ slug }) => slug === diagnosis.cause);
        expect(causes.some(({ phases }) => phases === 'any' || phases.includes(phase))).toBe(true);
        const need = needs[diagnosis.cause];
        if (need !== undefined) expect(everything(evidence)).toMatch(need);
      }),
      { numRuns: 500 },
    );
  });

  test('nor does the order in which the tools answered change it', () => {
    const shuffled = fc
      .constantFrom(...requests)
      .chain((request) =>
        fc
          .shuffledSubarray([...request.run.evidence], { minLength: request.run.evidence.length })
          .map((evidence) => ({ request, evidence })),
      );
    fc.assert(
      fc.property(shuffled, ({ request, evidence }) => {
        const [before, after] = [
          diagnose(request),
          diagnose({ ...request, run: { ...request.run, evidence } }),
        ];
        expect(after?.cause).toBe(before?.cause);
      }),
      { numRuns: 300 },
    );
  });

  test('with no evidence at all, it is unknown and says so', () => {
    for (const phase of PHASES) {
      const request = requestOf(recorded('thread_sleep'), null);
      const diagnosis = diagnose({ ...request, run: { ...request.run, phase, evidence: [] } });
      expect(diagnosis).toMatchObject({ cause: 'unknown', guilty: null, remedy: REMEDY_OF_PHASE[phase] });
      expect(diagnosis?.summary).toBe(`It stalled in ${phase}, and no tool could see where.`);
    }
  });
});
