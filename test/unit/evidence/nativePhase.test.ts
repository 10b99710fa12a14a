import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGdb } from '../../../src/evidence/gdb.ts';
import { nativePhase } from '../../../src/evidence/nativePhase.ts';
import { parsePySpy } from '../../../src/evidence/pySpy.ts';
import { pySpyPhase } from '../../../src/evidence/pySpyPhase.ts';
import { parsePystack } from '../../../src/evidence/pystack.ts';
import { type Frame, PHASES } from '../../../src/report/model.ts';
import { PID, recorded, VERSIONS } from './recorded.ts';

/** From the root inwards, as one reads them: `c` for C, `p` for Python. */
function stack(...names: readonly string[]): Frame[] {
  return names
    .map((name) => {
      const [kind, rest = ''] = [name.slice(0, 1), name.slice(2)];
      const [fn = '', file = null] = rest.split('|');
      return kind === 'c'
        ? { function: fn, file: null, line: null, native: true }
        : { function: fn, file, line: 1 };
    })
    .reverse();
}

const MAIN = ['c:_start', 'c:__libc_start_main', 'c:Py_BytesMain', 'c:Py_RunMain'];

describe.each(VERSIONS)('frames recorded on CPython %s', (version) => {
  test.each([
    ['run', 'run'],
    ['thread', 'threading-shutdown'],
    ['atexit', 'atexit'],
    ['del', 'finalization'],
    ['native', 'native-exit'],
  ])('%s is %s by pystack', (stall, phase) => {
    const main = parsePystack(recorded(`${version}-${stall}.pystack.txt`), PID).find((thread) => thread.main);
    expect(nativePhase(main?.frames ?? [], [])).toBe(phase);
  });

  test.each([
    ['thread', 'threading-shutdown'],
    ['del', 'finalization'],
  ])('%s is %s by py-spy', (stall, phase) => {
    const main = parsePySpy(recorded(`${version}-${stall}.py-spy.json`), PID)?.find((thread) => thread.main);
    expect(pySpyPhase(main?.frames ?? [], [])).toBe(phase);
  });
});

test.each([
  ['3.8', 'thread', 'threading-shutdown'],
  ['3.13', 'thread', 'threading-shutdown'],
  ['3.8', 'native', 'native-exit'],
  ['3.13', 'native', 'native-exit'],
])('on %s gdb tells that %s is %s', (version, stall, phase) => {
  const main = parseGdb(recorded(`${version}-${stall}.gdb.txt`), PID).find((thread) => thread.main);
  expect(nativePhase(main?.frames ?? [], [])).toBe(phase);
});

test('an executable without names, as PyInstaller makes it, has its root in what that calls', () => {
  const packed = (...names: readonly string[]) =>
    nativePhase(stack('c:???', 'c:__libc_start_main@@GLIBC_2.34', ...names), []);
  expect(packed('c:???', 'c:Py_FinalizeEx', 'c:atexit_callfuncs', 'p:linger|stall.py')).toBe('atexit');
  expect(packed('c:???', 'c:__run_exit_handlers', 'c:pause')).toBe('native-exit');
  expect(nativePhase(stack('c:???', 'c:???', 'c:__run_exit_handlers'), [])).toBe('unknown');
});

test('the flush of the std streams belongs to finalization, and to run where Py_RunMain itself flushes', () => {
  expect(nativePhase(stack(...MAIN, 'c:flush_std_files', 'c:write'), [])).toBe('finalization');
  expect(nativePhase(stack(...MAIN, 'c:flush_io', 'c:write'), [])).toBe('run');
});

test('the end of a subinterpreter is no end of the process', () => {
  const frames = stack(...MAIN, 'c:pymain_run_python', 'c:Py_EndInterpreter', 'c:wait_for_thread_shutdown');
  expect(nativePhase(frames, [])).toBe('run');
});

test('a subinterpreter that ends with the process belongs to finalization', () => {
  const main = parsePystack(recorded('3.13-subinterpreter.pystack.txt'), PID).find((thread) => thread.main);
  expect(nativePhase(main?.frames ?? [], [])).toBe('finalization');
});

test('what a Python frame calls says nothing of the phase', () => {
  const frames = stack(...MAIN, 'c:pymain_run_python', 'p:main|/app/main.py', 'c:atexit_callfuncs');
  expect(nativePhase(frames, [])).toBe('run');
});

test('sys.exit finalizes from within run', () => {
  expect(nativePhase(stack(...MAIN, 'c:pymain_run_python', 'c:Py_Exit', 'c:Py_FinalizeEx'), [])).toBe(
    'finalization',
  );
});

test('in a stripped interpreter the oldest Python frame decides, or nothing does', () => {
  const end = [...MAIN, 'c:Py_FinalizeEx', 'c:???'];
  expect(nativePhase(stack(...end, 'p:_shutdown|/usr/lib/python3.11/threading.py'), [])).toBe(
    'threading-shutdown',
  );
  expect(nativePhase(stack(...end, 'c:???', 'p:__del__|/app/main.py'), [])).toBe('finalization');
  expect(nativePhase(stack(...end, 'p:goodbye|/app/main.py'), [])).toBe('unknown');
  expect(nativePhase(stack(...end, 'c:PyObject_VectorcallMethod', 'c:_PyEval_EvalFrameDefault'), [])).toBe(
    'unknown',
  );
  expect(nativePhase(stack(...MAIN, 'c:???', 'p:<module>|/app/main.py'), [])).toBe('run');
});

test('a stack that does not reach the root is unknown', () => {
  expect(nativePhase(stack('c:atexit_callfuncs'), [])).toBe('unknown');
  expect(nativePhase([], [])).toBe('unknown');
});

test("startup lasts while only the packager's files and the standard library are on the stack", () => {
  const boot = ['p:<module>|/app.pex/__main__.py', 'p:boot|/app.pex/.bootstrap/pex/pex.py'];
  const library = 'p:read|/usr/lib/python3.12/zipfile/__init__.py';
  const own = 'p:main|/srv/site-packages/app/main.py';
  const at = (...frames: string[]): string =>
    nativePhase(stack(...MAIN, 'c:pymain_run_python', ...frames), ['/app.pex/']);
  expect(at(...boot, library)).toBe('startup');
  expect(at(...boot, own)).toBe('run');
  expect(pySpyPhase(stack(...boot, library), ['/app.pex/'])).toBe('startup');
  expect(pySpyPhase(stack(...boot, own), ['/app.pex/'])).toBe('run');
});

test('py-spy alone does not guess between an exit handler and a callback of finalization', () => {
  expect(pySpyPhase(stack('p:goodbye|/app/main.py'), [])).toBe('unknown');
  expect(pySpyPhase(stack('p:shutdown|/usr/lib/python3.12/logging/__init__.py'), [])).toBe('atexit');
});

test('any frames at all give a phase or unknown', () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '_start',
      'Py_RunMain',
      'Py_FinalizeEx',
      'atexit_callfuncs',
      'Py_EndInterpreter',
      'exit',
      '<module>',
    ),
  );
  const frame = fc.record({
    function: name,
    file: fc.option(fc.string()),
    line: fc.constant(null),
    native: fc.boolean(),
  });
  const known: readonly string[] = [...PHASES, 'unknown'];
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.string(), { maxLength: 2 }), (frames, files) => {
      expect(known).toContain(nativePhase(frames, files));
      expect(known).toContain(pySpyPhase(frames, files));
    }),
  );
});
