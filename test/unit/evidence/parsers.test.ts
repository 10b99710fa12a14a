import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFaulthandler } from '../../../src/evidence/faulthandler.ts';
import { parseGdb } from '../../../src/evidence/gdb.ts';
import { parsePySpy } from '../../../src/evidence/pySpy.ts';
import { parsePystack } from '../../../src/evidence/pystack.ts';
import type { Thread } from '../../../src/report/model.ts';
import { PID, recorded, VERSIONS } from './recorded.ts';

function innermostPython(thread: Thread | undefined): string | undefined {
  return thread?.frames.find((frame) => frame.native !== true)?.function;
}

function mainOf(threads: readonly Thread[] | null): Thread | undefined {
  return threads?.find((thread) => thread.main);
}

describe.each(VERSIONS)('recorded on CPython %s', (version) => {
  test('py-spy names the worker and the thread that waits for it', () => {
    const threads = parsePySpy(recorded(`${version}-thread.py-spy.json`), PID);
    expect(mainOf(threads)?.frames.at(-1)?.function).toBe('_shutdown');
    const worker = threads?.find((thread) => !thread.main);
    expect(worker?.frames[0]).toEqual({ function: 'worker_waits', file: '/srv/app/stall.py', line: 5 });
  });

  test('py-spy gives the destructor by its bare name', () => {
    const threads = parsePySpy(recorded(`${version}-del.py-spy.json`), PID);
    expect(innermostPython(mainOf(threads))).toBe('__del__');
  });

  test('pystack names the worker, the main thread, and native frames around them', () => {
    const threads = parsePystack(recorded(`${version}-thread.pystack.txt`), PID);
    expect(threads).toHaveLength(2);
    expect(mainOf(threads)?.tid).toBe(PID);
    expect(mainOf(threads)?.frames.at(-1)).toMatchObject({ function: '_start', native: true });
    const worker = threads.find((thread) => !thread.main);
    expect(innermostPython(worker)).toBe('worker_waits');
    expect(worker?.frames[0]?.native).toBe(true);
  });

  test('pystack says which thread collects garbage', () => {
    const main = mainOf(parsePystack(recorded(`${version}-del.pystack.txt`), PID));
    expect(main?.state).toBe('[Garbage collecting]');
    expect(innermostPython(main)).toBe('__del__');
  });

  test('a native frame carries its library, and no line of a source that is not there', () => {
    const main = mainOf(parsePystack(recorded(`${version}-native.pystack.txt`), PID));
    const culprit = main?.frames.find((frame) => frame.function === 'settle_accounts');
    expect(culprit).toEqual({
      function: 'settle_accounts',
      file: '/srv/app/ledger.so',
      line: null,
      native: true,
    });
  });

  test('faulthandler names the worker and takes the oldest thread for the main one', () => {
    const threads = parseFaulthandler(recorded(`${version}-thread.faulthandler.txt`));
    expect(threads.map((thread) => [thread.main, innermostPython(thread)])).toEqual([
      [false, 'worker_waits'],
      [true, '_shutdown'],
    ]);
  });

  test('faulthandler names the exit handler', () => {
    const threads = parseFaulthandler(recorded(`${version}-atexit.faulthandler.txt`));
    expect(innermostPython(mainOf(threads))).toBe('handler_waits');
  });
});

test("gdb's names of C++ functions are told whole", () => {
  const text = [
    'Thread 1 (Thread 0x7f145f009b80 (LWP 1000) "python"):',
    '#0  0x00007f14 in std::function<void (int)>::operator()(int) const (this=..., __args=...) at /usr/include/c++/12/bits/std_function.h:591',
    '#1  0x00007f15 in absl::Mutex::Await(absl::Condition const&) () from /x/libgrpc.so (deleted)',
    '#2  0x00007f16 in grpc::Wait(std::function<bool ()>) () from /x/libgrpc.so',
    '',
  ].join('\n');
  expect(parseGdb(text, 1000)[0]?.frames).toEqual([
    {
      function: 'std::function<void (int)>::operator()(int) const',
      file: '/usr/include/c++/12/bits/std_function.h',
      line: 591,
      native: true,
    },
    {
      function: 'absl::Mutex::Await(absl::Condition const&)',
      file: '/x/libgrpc.so (deleted)',
      line: null,
      native: true,
    },
    { function: 'grpc::Wait(std::function<bool ()>)', file: '/x/libgrpc.so', line: null, native: true },
  ]);
});

describe.each(['3.8', '3.13'])('gdb on CPython %s', (version) => {
  test('names the library whose destructor waits', () => {
    const main = mainOf(parseGdb(recorded(`${version}-native.gdb.txt`), PID));
    expect(main?.frames.find((frame) => frame.function === 'settle_accounts')?.file).toBe(
      '/srv/app/ledger.so',
    );
    expect(main?.frames.at(-1)?.function).toBe('_start');
  });

  test('sees each thread, the main one by its number', () => {
    const threads = parseGdb(recorded(`${version}-thread.gdb.txt`), PID);
    expect(threads).toHaveLength(2);
    expect(mainOf(threads)?.frames.map((frame) => frame.function)).toContain('wait_for_thread_shutdown');
  });
});

test('a thread name with a line end does not move frames to another thread', () => {
  const text = recorded('3.12-thread.pystack.txt').replace('(python)', '(py\nthon)');
  const threads = parsePystack(text, PID);
  expect(threads.map((thread) => thread.name)).toEqual(['py\nthon', 'python']);
  expect(innermostPython(threads[0])).toBe('worker_waits');
});

test('the main thread is found by its name where py-spy knows no thread ids', () => {
  const frame = { name: 'f', filename: 'f.py', line: 1 };
  const threads = parsePySpy(
    JSON.stringify([
      { thread_name: 'MainThread', os_thread_id: null, frames: [frame] },
      { thread_name: 'worker', os_thread_id: null, frames: [frame] },
    ]),
    PID,
  );
  expect(mainOf(threads)?.name).toBe('MainThread');
});

test('a dump that leaves threads out leaves out the main one', () => {
  const text = 'Thread 0x01 (most recent call first):\n  File "a.py", line 1 in f\n...\n';
  expect(parseFaulthandler(text).some((thread) => thread.main)).toBe(false);
});

test('no words of a tool make a parser throw', () => {
  const words = fc.oneof(
    fc.string(),
    fc.string({
      unit: fc.constantFrom('Thread 1 (LWP 5', '"', '):\n', '#0  ', ' (', ')', '    (C) File "', '\n', '['),
    }),
    fc.json(),
  );
  fc.assert(
    fc.property(words, (text) => {
      parsePySpy(text, PID);
      parsePystack(text, PID);
      parseGdb(text, PID);
      parseFaulthandler(text);
    }),
  );
});
