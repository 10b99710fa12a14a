import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Mark, nameKey, parseMarks } from '../../../src/evidence/marks.ts';
import { prepareProbe } from '../../../src/evidence/prepareProbe.ts';
import { python, pythons } from '../../support/pythons.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const session = temporaryFolder('probe-session');
let runs = 0;

interface Ran {
  readonly marks: readonly Mark[];
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly pid: number;
  /** The pids that faulthandler has a file for. */
  readonly dumps: readonly number[];
}

function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: session, ...more };
}

function watched(
  argv: readonly [string, ...string[]],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly extra?: Readonly<Record<string, string>>;
  } = {},
): Ran {
  const env = environment(options.env);
  const cwd = options.cwd ?? session;
  runs += 1;
  const probe = prepareProbe({ folder: session, run: String(runs), argv, env, cwd });
  const [file, ...args] = argv;
  const { stdout, stderr, status, pid } = spawnSync(file, args, {
    cwd,
    env: { ...env, ...probe.env, ...options.extra },
    encoding: 'utf8',
    timeout: 20_000,
  });
  const marks = parseMarks(readFileSync(probe.marksFile, 'utf8'));
  const dumps = readdirSync(probe.dumpFolder).map(Number);
  return { marks, stdout, stderr, status, pid, dumps };
}

function program(name: string, ...lines: readonly string[]): string {
  const file = join(temporaryFolder('program'), name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function names(marks: readonly Mark[], pid: number): string[] {
  return marks.filter((mark) => mark.pid === pid).map((mark) => mark.name);
}

/** CPython 96387: there the last mark would itself be what waits. */
function cleanEnd(version: string): string[] {
  const marks = ['start', 'threading-shutdown', 'atexit', 'finalization'];
  return version === '3.9' ? marks : [...marks, 'interp-clear'];
}

describe.each(pythons())('on CPython $version', ({ version, path }) => {
  test('a script, a module, a zip and a line of code are marked from start to end', () => {
    const file = program('hello.py', 'print("hello")');
    const zip = join(temporaryFolder('zip'), 'app.pyz');
    const folder = dirname(program('__main__.py', 'print("hello")'));
    spawnSync(path, ['-m', 'zipapp', folder, '-o', zip]);
    const ways: string[][] = [[file], ['-m', 'hello'], [zip], ['-c', 'print("hello")'], ['-E', file]];
    for (const way of ways) {
      const { marks, stdout, stderr, pid } = watched([path, ...way], { cwd: dirname(file) });
      expect([way, stdout, stderr, names(marks, pid)]).toEqual([way, 'hello\n', '', cleanEnd(version)]);
      const times = marks.map(({ t }) => t);
      expect([...times].sort((a, b) => Number(a - b))).toEqual(times);
    }
  });

  test('isolated mode keeps it out, and nothing is printed', () => {
    for (const flag of ['-I', '-s', '-S']) {
      expect(watched([path, flag, '-c', 'print(1)'])).toMatchObject({ marks: [], stdout: '1\n', stderr: '' });
    }
  });

  test('the program finds its own sys.path, user site and sitecustomize', () => {
    const base = temporaryFolder('userbase');
    const site = join(base, 'lib', `python${version}`, 'site-packages');
    const hooks = temporaryFolder('hooks');
    mkdirSync(site, { recursive: true });
    writeFileSync(join(site, 'own.pth'), 'import sys; sys.own_pth = True\n');
    writeFileSync(join(site, 'usercustomize.py'), 'import sys\nsys.own_user = True\n');
    writeFileSync(join(hooks, 'sitecustomize.py'), 'import sys\nsys.own_site = True\n');
    const file = program(
      'show.py',
      'import site, sys',
      'print(sys.path[1:], site.USER_SITE, site.USER_BASE, site.ENABLE_USER_SITE, sys.own_pth, sys.own_user, sys.own_site)',
    );
    const env = { PYTHONUSERBASE: base, PYTHONPATH: hooks };
    const bare = spawnSync(path, [file], { env: environment(env), encoding: 'utf8' });
    const { stdout, stderr, marks } = watched([path, file], { env });
    expect(stderr).toBe('');
    expect(stdout).toBe(bare.stdout);
    expect(marks).not.toHaveLength(0);
  });

  test('a user site that was switched off stays off', () => {
    const file = program('show.py', 'import site, sys', 'print(site.ENABLE_USER_SITE, sys.path[1:])');
    const { stdout, marks } = watched([path, file], { env: { PYTHONNOUSERSITE: '1' } });
    expect(stdout).toMatch(/^False /);
    expect(stdout).not.toContain(session);
    expect(marks).not.toHaveLength(0);
  });

  test('a plain venv is reached, its own sitecustomize still runs', () => {
    const venv = join(temporaryFolder('venv'), 'env');
    spawnSync(path, ['-m', 'venv', '--without-pip', venv]);
    const site = join(venv, 'lib', `python${version}`, 'site-packages');
    writeFileSync(join(site, 'sitecustomize.py'), 'print("own")\n');
    const interpreter = join(venv, 'bin', 'python');
    const { marks, stdout, stderr, pid } = watched([interpreter, '-c', 'import sys; print(sys.path)']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^own\n/);
    expect(stdout).not.toContain(session);
    expect(names(marks, pid)).toEqual(cleanEnd(version));
  });

  test('an isolated layout of a PEX is reached, also where the interpreter has a sitecustomize of its own', () => {
    const venv = join(temporaryFolder('venv'), 'env');
    spawnSync(path, ['-m', 'venv', '--without-pip', venv]);
    const site = join(venv, 'lib', `python${version}`, 'site-packages');
    const hooks = temporaryFolder('hooks');
    const extend = `sys.path.extend(os.environ['PEX_EXTRA_SYS_PATH'].split(':') + ['${hooks}'])`;
    writeFileSync(join(site, 'pex.pth'), `import os, sys; ${extend}\n`);
    const argv = [join(venv, 'bin', 'python'), '-sE', '-c', 'import sys; print(sys.path[-1])'] as const;
    const reached = (): [string, string, string[]] => {
      const { marks, stdout, stderr, pid } = watched([...argv]);
      return [stdout, stderr, names(marks, pid)];
    };
    expect(reached()).toEqual([`${hooks}\n`, '', cleanEnd(version)]);
    // As Debian and Ubuntu ship it.
    const text =
      'try:\n  import apport_python_hook\nexcept ImportError:\n  print("none")\nelse:\n  apport_python_hook.install()\n';
    writeFileSync(join(site, 'sitecustomize.py'), text);
    expect(reached()).toEqual([`none\n${hooks}\n`, '', cleanEnd(version)]);
    writeFileSync(join(hooks, 'apport_python_hook.py'), 'def install(): print("installed")\n');
    expect(reached()).toEqual([`installed\n${hooks}\n`, '', cleanEnd(version)]);
  });

  test("an error in the program's own sitecustomize is told as ever", () => {
    const venv = join(temporaryFolder('venv'), 'env');
    spawnSync(path, ['-m', 'venv', '--without-pip', venv]);
    const site = join(venv, 'lib', `python${version}`, 'site-packages');
    writeFileSync(join(site, 'sitecustomize.py'), 'import no_such_module\n');
    const argv = [join(venv, 'bin', 'python'), '-c', 'print(1)'] as const;
    const bare = spawnSync(argv[0], argv.slice(1), { env: environment(), encoding: 'utf8' });
    const { stdout, stderr } = watched([...argv]);
    expect([stdout, stderr]).toEqual([bare.stdout, bare.stderr]);
    expect(stderr).toContain('no_such_module');
  });

  test('children that are forked and spawned mark by their own pid, and can be asked for their stacks', () => {
    const file = program(
      'children.py',
      'import multiprocessing, os, sys',
      'def child(): print(os.getpid(), flush=True)',
      'if __name__ == "__main__":',
      '    for method in ("fork", "spawn"):',
      '        process = multiprocessing.get_context(method).Process(target=child)',
      '        process.start()',
      '        process.join()',
    );
    const { marks, stdout, pid, dumps } = watched([path, '-W', 'ignore', file]);
    const [forked = 0, spawned = 0] = stdout.trim().split('\n').map(Number);
    expect(names(marks, pid)).toEqual(cleanEnd(version));
    expect(names(marks, spawned)).toContain('start');
    expect(names(marks, forked)).not.toContain('start');
    expect(dumps).toEqual(expect.arrayContaining([pid, forked, spawned]));
  });

  test('a forked child that ends by itself is not taken for its parent', () => {
    const file = program(
      'fork.py',
      'import os, sys',
      'child = os.fork()',
      'if child == 0: sys.exit(0)',
      'os.waitpid(child, 0)',
      'print(child)',
    );
    const { marks, stdout, pid } = watched([path, file]);
    expect(names(marks, pid)).toEqual(cleanEnd(version));
    expect(names(marks, Number(stdout))).toEqual(cleanEnd(version).slice(1));
  });

  test('at the end it tells which threads are no daemons, by id and name', () => {
    const file = program(
      'threads.py',
      'import threading, time',
      'def start(name, daemon):',
      '    thread = threading.Thread(target=time.sleep, args=(0.2,), name=name, daemon=daemon)',
      '    thread.start()',
      '    return thread.native_id',
      'start("helper", True)',
      'print(start("one]\\n2 3 start", False), start("☃" * 99, False), flush=True)',
    );
    const { marks, stdout, stderr, pid } = watched([path, file]);
    const [one = 0, two = 0] = stdout.split(' ').map(Number);
    const awaited = marks.find(({ name }) => name === 'threading-shutdown')?.awaited;
    expect(stderr).toBe('');
    expect(names(marks, pid)).toEqual(cleanEnd(version));
    expect(awaited?.toSorted((a, b) => a.tid - b.tid)).toEqual([
      { tid: one, key: nameKey('one]\n2 3 start') },
      { tid: two, key: nameKey('☃'.repeat(99)) },
    ]);
  });

  test("a wait for threads that stands before the interpreter's own, as gevent's does, is marked when it begins", () => {
    const file = program(
      'replaced.py',
      'import threading, time',
      'shutdown, main = threading._shutdown, threading.main_thread()',
      'main._handle = getattr(main, "_handle", None)',
      'def _shutdown():',
      '    main._handle = main._handle',
      '    print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))',
      '    shutdown()',
      'threading._shutdown = _shutdown',
    );
    const { marks, stdout, stderr, pid } = watched([path, file]);
    expect(stderr).toBe('');
    const own = marks.filter((mark) => mark.pid === pid);
    expect([...new Set(own.map(({ name }) => name))]).toEqual(cleanEnd(version));
    expect(own.filter(({ t }) => t < BigInt(stdout)).map(({ name }) => name)).toEqual([
      'start',
      'threading-shutdown',
    ]);
  });

  test('threads that can not be told cost no mark', () => {
    const file = program(
      'odd.py',
      'import threading, time',
      'class Odd(threading.Thread):',
      '    @property',
      '    def name(self): raise ValueError("no name")',
      'Odd(target=time.sleep, args=(0.2,)).start()',
    );
    const { marks, stderr, pid } = watched([path, file]);
    expect(stderr).toBe('');
    expect(names(marks, pid)).toEqual(cleanEnd(version));
    expect(marks.some(({ awaited }) => awaited !== undefined)).toBe(false);
  });

  test('what exec starts marks its own start, under the same pid', () => {
    const { marks, pid } = watched([
      path,
      '-c',
      'import os, sys; os.execv(sys.executable, [sys.executable, "-c", "pass"])',
    ]);
    expect(names(marks, pid)).toEqual(['start', ...cleanEnd(version)]);
  });

  test('marks arrive where the program closes every descriptor, leaves the root, or has none left', () => {
    const closes = 'import os; os.closerange(3, 4096)';
    const exhausts = 'import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))';
    const leaves = 'import os; os.chroot(os.path.dirname(os.__file__))';
    for (const code of process.getuid?.() === 0 ? [closes, exhausts, leaves] : [closes, exhausts]) {
      const { marks, pid, stderr } = watched([path, '-c', code]);
      expect([stderr, names(marks, pid)]).toEqual(['', cleanEnd(version)]);
    }
  });

  test('no mark is written to a file that got the number of the closed one', () => {
    const own = program('own.txt');
    const code = [
      'import os, resource, sys',
      'os.closerange(3, 4096)',
      'own = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)',
      'for number in range(4, 1000): os.dup2(own, number)',
      'resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))',
    ].join('\n');
    watched([path, '-c', code, own]);
    expect(readFileSync(own, 'utf8')).toBe('\n');
  });

  test('a subinterpreter does not mark', () => {
    const code = [
      'try: import _interpreters as interpreters',
      'except ImportError: import _xxsubinterpreters as interpreters',
      'one = interpreters.create()',
      'interpreters.run_string(one, "import threading")',
      'interpreters.destroy(one)',
    ].join('\n');
    const { marks, pid } = watched([path, '-c', code]);
    expect(names(marks, pid)).toEqual(cleanEnd(version));
  });

  test('a probe that is broken, or gone, prints nothing and changes nothing', () => {
    const broken = temporaryFolder('broken');
    const env = environment();
    const argv = [path, '-c', 'import sys; print(sys.path); sys.exit(3)'] as const;
    const bare = spawnSync(argv[0], argv.slice(1), { env, encoding: 'utf8' });
    for (const text of ['raise RuntimeError("broken")\n', 'this is no Python\n', null]) {
      const probe = prepareProbe({ folder: broken, run: 'x', argv: [...argv], env, cwd: broken });
      const file = join(broken, 'probe', 'site', 'exitproof_probe.py');
      if (text !== null) writeFileSync(file, text);
      const over = text === null ? { EXITPROOF_PROBE: 'nonsense' } : {};
      const ran = spawnSync(argv[0], argv.slice(1), {
        env: { ...env, ...probe.env, ...over },
        encoding: 'utf8',
      });
      expect([ran.stderr, ran.status]).toEqual([bare.stderr, 3]);
    }
  });

  test('a marks file that nobody may write costs the marks alone', () => {
    const { stdout, stderr, status, dumps } = watched([path, '-c', 'print(1)'], {
      extra: { EXITPROOF_PROBE: `${session}/probe:/no/such/file:${session}:62` },
    });
    expect([stdout, stderr, status, dumps]).toEqual(['1\n', '', 0, []]);
  });
});

test.skipIf(python('3.12') === null)(
  'an interrupt during the wait for threads is still the program’s',
  async () => {
    const path = python('3.12') ?? '';
    const code =
      'import threading, time; threading.Thread(target=time.sleep, args=(20,), daemon=False).start()';
    const env = environment();
    const probe = prepareProbe({ folder: session, run: 'interrupt', argv: [path], env, cwd: session });
    const child = spawn(path, ['-c', `${code}; print("on", flush=True)`], { env: { ...env, ...probe.env } });
    const ended = new Promise<string>((settle) => {
      let stderr = '';
      child.stderr.on('data', (text) => {
        stderr += text;
        if (stderr.includes('KeyboardInterrupt')) settle(stderr);
      });
      child.once('close', () => settle(stderr));
    });
    await new Promise((settle) => child.stdout.once('data', settle));
    while (
      !parseMarks(readFileSync(probe.marksFile, 'utf8')).some(({ name }) => name === 'threading-shutdown')
    ) {
      await new Promise((settle) => setTimeout(settle, 10));
    }
    child.kill('SIGINT');
    expect(await ended).toContain('KeyboardInterrupt');
    child.kill('SIGKILL');
  },
);

test('the probe stays small, and needs the standard library alone', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'probe');
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.py'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(150);
});
