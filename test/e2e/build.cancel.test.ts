import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { commitAll, git } from '../support/fixtures.ts';
import { endProcessesWith, processesLeft } from '../support/processes.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Milliseconds: 7.5 s after its first signal the runner sends the next. */
const SOON = 7_000;

const PYPROJECT = `
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "slow"
version = "1"
[project.scripts]
slow = "slow:main"
`;

/** Needs no index. Where it is told to, it stands still beside a child that no SIGTERM ends. */
const BACKEND = `
import os, subprocess, sys, time, zipfile

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(%r, 'w').close(); time.sleep(600)"

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    marker = os.environ.get("STAND_STILL", "")
    if marker:
        subprocess.Popen([sys.executable, "-c", DEAF % marker], start_new_session=True)
        time.sleep(600)
    name = "slow-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write("slow.py")
        wheel.writestr("ballast.bin", bytes(int(os.environ["BALLAST"])))
        wheel.writestr("slow-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: slow\\nVersion: 1\\n")
        wheel.writestr("slow-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("slow-1.dist-info/entry_points.txt", "[console_scripts]\\nslow = slow:main\\n")
        wheel.writestr("slow-1.dist-info/RECORD", "slow.py,,\\nballast.bin,,\\nslow-1.dist-info/METADATA,,\\nslow-1.dist-info/WHEEL,,\\nslow-1.dist-info/entry_points.txt,,\\nslow-1.dist-info/RECORD,,\\n")
    return name
`;

const PROGRAM = `
import os, time

def main():
    print(ROOT)
    marker = os.environ.get("LINGER", "")
    if marker:
        open(marker, "w").close()
        time.sleep(600)
`;

interface Place {
  readonly root: string;
  readonly temporary: string;
  readonly env: ReturnType<typeof testEnvironment>;
}

/** A project with a temporary folder of its own. `ballast`: bytes that have to be moved at each step. */
function place(ballast: number): Place {
  const root = temporaryFolder('cancelled');
  const temporary = join(root, 'tmp');
  mkdirSync(temporary);
  mkdirSync(join(root, 'slow'));
  writeFileSync(join(root, 'slow/pyproject.toml'), PYPROJECT);
  writeFileSync(join(root, 'slow/backend.py'), BACKEND);
  // Its folder in it: no earlier check has cached this program.
  writeFileSync(join(root, 'slow/slow.py'), PROGRAM.replace('ROOT', JSON.stringify(root)));
  return { root, temporary, env: testEnvironment({ TMPDIR: temporary, BALLAST: String(ballast) }) };
}

interface Checked {
  readonly code: number | null;
  readonly report: Report;
  readonly output: string;
  /** Milliseconds from the signal to the end; NaN without one. */
  readonly took: number;
}

async function check(
  { root, env }: Place,
  more: Readonly<Record<string, string>> = {},
  cancelWhen: () => boolean = () => false,
): Promise<Checked> {
  let signalled = Number.NaN;
  let looking: NodeJS.Timeout | undefined;
  const file = join(root, 'report.json');
  const result = await runCli(['check', 'slow', '--cache', 'on', '--smoke=', '--report', file], {
    cwd: root,
    env: { ...env, ...more },
    onSpawn: (pid) => {
      looking = setInterval(() => {
        if (!cancelWhen()) return;
        clearInterval(looking);
        signalled = performance.now();
        process.kill(pid, 'SIGINT');
      }, 5);
    },
  });
  const took = performance.now() - signalled;
  clearInterval(looking);
  const output = `${result.stdout}\n${result.stderr}`;
  return { code: result.code, report: parseReport(readFileSync(file, 'utf8'), file), output, took };
}

/** What exitproof itself has left in the temporary folder. */
function litter({ temporary }: Place): readonly string[] {
  return readdirSync(temporary).filter((name) => /^exitproof-(?!guards-)/.test(name));
}

async function expectCancelled(there: Place, cancelled: Checked): Promise<void> {
  expect(cancelled.code, cancelled.output).toBe(130);
  expect(cancelled.report).toMatchObject({ verdict: 'cancelled', failure: null });
  expect(cancelled.took).toBeLessThan(SOON);
  expect(await processesLeft(there.root)).toEqual([]);
  expect(litter(there)).toEqual([]);
  const next = await check(there);
  expect(next.code, next.output).toBe(0);
  expect(next.report).toMatchObject({ verdict: 'passed', cache: { saved: true } });
  expect(litter(there)).toEqual([]);
}

describe('a check that is cancelled ends at once, with its report, and the next one works', () => {
  test('while a wheel is built, whatever the build has started', async () => {
    const there = place(0);
    const marker = join(there.root, 'standing-still');
    try {
      const cancelled = await check(there, { STAND_STILL: marker }, () => existsSync(marker));
      expect(cancelled.report.runs).toEqual([]);
      await expectCancelled(there, cancelled);
    } finally {
      endProcessesWith(there.root);
    }
  });

  test('while the venv is laid out', async () => {
    const there = place(1 << 26);
    const unfinished = join(there.root, '.exitproof/out/layout.unfinished');
    const cancelled = await check(there, {}, () => existsSync(unfinished));
    expect(cancelled.report.runs).toEqual([]);
    await expectCancelled(there, cancelled);
  });

  test('while the program runs, and where it was is told', async () => {
    const there = place(0);
    const checkout = join(there.root, 'slow');
    git(checkout, 'init', '--quiet');
    commitAll(checkout, 'all of it');
    const marker = join(there.root, 'lingering');
    const cancelled = await check(there, { LINGER: marker }, () => existsSync(marker));
    expect(cancelled.report.runs).toMatchObject([{ verdict: 'cancelled', phase: 'run' }]);
    expect(cancelled.report.runs[0]?.diagnosis?.guilty).toMatchObject({
      function: 'main',
      source: { path: 'slow.py', line: 9, exact: true },
    });
    expect(cancelled.report.commit).toBe(git(checkout, 'rev-parse', 'HEAD').trim());
    await expectCancelled(there, cancelled);
  });

  test('while the layout is saved, and its runs are still told', async () => {
    const there = place(1 << 28);
    const saving = (): boolean =>
      litter(there).some((job) =>
        readdirSync(join(there.temporary, job)).join().includes('layout.tar.part-'),
      );
    const cancelled = await check(there, {}, saving);
    expect(cancelled.report.runs).toMatchObject([{ verdict: 'passed' }]);
    expect(cancelled.report.build?.entry).toBe('slow');
    await expectCancelled(there, cancelled);
  });
});
