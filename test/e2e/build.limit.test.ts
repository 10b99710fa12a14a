import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Report } from '../../src/report/model.ts';
import { parseReport } from '../../src/report/parse.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { endProcessesWith, processesLeft } from '../support/processes.ts';
import { anyPython } from '../support/pythons.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = anyPython() ?? '';
/** Long enough to come as far as what hangs, on a machine that does much else. */
const LIMIT = '15s';

/** Nowhere else to take a package from, however the machine is set up. */
const ONLY = {
  PIP_CONFIG_FILE: '/dev/null',
  PIP_EXTRA_INDEX_URL: '',
  PIP_FIND_LINKS: '',
  PIP_NO_CACHE_DIR: '1',
};

const WAITING_BACKEND = `
import subprocess, sys, time

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print("waiting for a licence", flush=True)
    subprocess.Popen([sys.executable, "-c", DEAF, wheel_directory], start_new_session=True)
    time.sleep(600)
`;

interface Place {
  readonly root: string;
  readonly project: string;
  readonly temporary: string;
}

function place(pyproject: readonly string[]): Place {
  const root = temporaryFolder('limited');
  const [project, temporary] = [join(root, 'project'), join(root, 'tmp')];
  for (const folder of [project, temporary]) mkdirSync(folder);
  writeFileSync(join(project, 'app.py'), 'def main():\n    print("hello")\n');
  if (pyproject.length > 0) writeFileSync(join(project, 'pyproject.toml'), `${pyproject.join('\n')}\n`);
  return { root, project, temporary };
}

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly report: Report;
}

async function check(
  { project, temporary }: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const result = await runCli(['check', '--python', PYTHON, '--cache', 'off', ...args], {
    cwd: project,
    env: testEnvironment({ TMPDIR: temporary, ...env }),
  });
  const said = result.stdout + result.stderr;
  const file = join(project, '.exitproof/out/report.json');
  expect(existsSync(file), said).toBe(true);
  return { code: result.code, said, report: parseReport(readFileSync(file, 'utf8'), file) };
}

/** An index that takes every connection and never answers; its address. */
async function silentIndex(): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/simple`;
}

async function nothingIsLeft({ root, temporary }: Place): Promise<void> {
  expect(await processesLeft(root)).toEqual([]);
  expect(readdirSync(temporary).filter((name) => /^exitproof-(?!guards-)/.test(name))).toEqual([]);
}

describe.skipIf(PYTHON === '')('a build that does not end is given up, named, and ended', () => {
  beforeAll(async () => {
    // exitproof's own tools come from the index, too: they have to be there before it is silent.
    const { code, said } = await check(place([]), ['--entry-point', 'app.py']);
    expect(code, said).toBe(0);
  });

  test('where its backend waits beside a child that no SIGTERM ends', async () => {
    const there = place([
      '[build-system]',
      'requires = []',
      'build-backend = "backend"',
      'backend-path = ["."]',
      '[project]',
      'name = "app"',
      'version = "1"',
      '[project.scripts]',
      'app = "app:main"',
      '[tool.exitproof]',
      `build-timeout = "${LIMIT}"`,
    ]);
    onTestFinished(() => endProcessesWith(there.root));
    writeFileSync(join(there.project, 'backend.py'), WAITING_BACKEND);
    const { code, said, report } = await check(there, ['--cache', 'on']);
    expect(code, said).toBe(3);
    expect(report).toMatchObject({ verdict: 'not-built', runs: [] });
    expect(report.failure?.message).toMatch(
      /^the build did not end in 15s and was given up, at: Building the wheels \(its last words: .*started\)$/,
    );
    expect(report.failure?.hint).toContain('`build-timeout`');
    await nothingIsLeft(there);
  });

  test('where the index takes connections and never answers', async () => {
    const there = place([]);
    writeFileSync(join(there.project, 'requirements.txt'), 'six==1.17.0\n');
    const index = await silentIndex();
    const args = ['--entry-point', 'app.py', '--build-timeout', LIMIT];
    const { code, said, report } = await check(there, args, { ...ONLY, PIP_INDEX_URL: index });
    expect(code, said).toBe(3);
    expect(report.failure?.message).toMatch(
      /^the build did not end in 15s and was given up, at: Building the wheels/,
    );
    await nothingIsLeft(there);
  });

  test('by pip itself where it gives up sooner, and why is said', async () => {
    const there = place([]);
    writeFileSync(join(there.project, 'requirements.txt'), 'six==1.17.0\n');
    const env = { ...ONLY, PIP_INDEX_URL: await silentIndex(), PIP_DEFAULT_TIMEOUT: '1', PIP_RETRIES: '1' };
    const { code, said, report } = await check(there, ['--entry-point', 'app.py'], env);
    expect(code, said).toBe(3);
    expect(report.failure?.message).toMatch(
      /the index could not be reached \(\S+\/simple\/six\/\): .*timed? ?out/i,
    );
    await nothingIsLeft(there);
  });
});
