import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReport } from '../src/report/parse.ts';
import { cliEntry, NODE_24, testEnvironment } from '../test/support/cli.ts';
import { inRepository } from '../test/support/paths.ts';
import { type Contender, type Figure, median, race } from './figures.ts';
import { type Measured, measure } from './measure.ts';

/** Tools that plain users have installed before they begin; exitproof fetches its own while the clock runs. */
export interface PlainTools {
  /** A folder for PYTHONPATH. */
  readonly pex: string;
  /** The executable. */
  readonly uv: string;
}

/** What stands beside the clock: what lies on the disk afterwards, in mebibytes, and how long the program itself ran. */
interface Beside {
  readonly disk: number;
  readonly program: number;
}

/**
 * A project with eight libraries, as a runner meets it: nothing there, a line changed, nothing changed. Against plain
 * `pex -r` with empty caches, and against uv with `pex --venv-repository`, which is the quickest one that packs by hand.
 * Nothing is removed before the end, which takes some 4 GB a round: where thousands of files have just been removed, some
 * file systems are slow to make others, and whoever came next would pay for it.
 *
 * "And layout" is a check by a smoke that imports none of the eight: what is built, laid out, frozen and kept takes the
 * time, not the program.
 */
export async function benchEight(
  python: string,
  tools: PlainTools,
  rounds: number,
): Promise<readonly string[]> {
  const home = mkdtempSync(join(tmpdir(), 'exitproof-bench-'));
  const beside = new Map<string, Beside[]>();
  const note = (name: string, used: Measured, rest: Beside): Measured => {
    beside.set(name, [...(beside.get(name) ?? []), rest]);
    return used;
  };
  const cold = (name: string, run: (project: Project) => Used): Contender => ({
    name,
    measure: () => {
      const folder = mkdtempSync(join(home, 'cold-'));
      const { used, program } = run(newProject(folder));
      return note(name, used, { disk: mebibytes(folder), program });
    },
  });
  const kept = newProject(mkdtempSync(join(home, 'kept-')));
  const warm = (name: string, run: () => Used): Contender => ({
    name,
    measure: () => {
      const { used, program } = run();
      return note(name, used, { disk: mebibytes(kept.folder), program });
    },
  });
  exitproof(kept, python, ['check']);
  exitproof(kept, python, ['build', '--layouts', 'zipapp']);

  const all = await race(
    [
      cold('pex -r, cold', (project) => pexAlone(project, python, tools)),
      cold('uv and pex, cold', (project) => uvAndPex(project, python, tools)),
      cold('executable, cold', (project) => exitproof(project, python, ['build', '--layouts', 'zipapp'])),
      cold('and layout, cold', (project) => exitproof(project, python, ['check', '--smoke', ''])),
      cold('check, cold', (project) => exitproof(project, python, ['check'])),
      warm('executable, a line', () => {
        changeLine(kept);
        return exitproof(kept, python, ['build', '--layouts', 'zipapp']);
      }),
      warm('and layout, a line', () => {
        changeLine(kept);
        return exitproof(kept, python, ['check', '--smoke', '']);
      }),
      warm('check, a line', () => {
        changeLine(kept);
        return exitproof(kept, python, ['check']);
      }),
      warm('unchanged', () => {
        exitproof(kept, python, ['check']);
        renameSync(join(kept.source, '.exitproof'), mkdtempSync(join(home, 'aside-')));
        return exitproof(kept, python, ['check']);
      }),
      warm('unchanged, in place', () => {
        exitproof(kept, python, ['check']);
        return exitproof(kept, python, ['check']);
      }),
    ],
    rounds,
  );
  rmSync(home, { recursive: true, force: true });
  return lines(`build of the eight libraries (median of ${rounds})`, all, beside);
}

interface Project {
  readonly folder: string;
  readonly source: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Used {
  readonly used: Measured;
  /** Milliseconds of the watched runs. */
  readonly program: number;
}

/** The project in a repository of its own, and an empty place for each cache. */
function newProject(folder: string): Project {
  const source = join(folder, 'eight');
  cpSync(inRepository('bench', 'eight'), source, { recursive: true });
  git(source, 'init', '--quiet');
  commit(source);
  const env = testEnvironment({
    XDG_CACHE_HOME: join(folder, 'xdg'),
    PIP_CACHE_DIR: join(folder, 'pip'),
    UV_CACHE_DIR: join(folder, 'uv'),
    PEX_ROOT: join(folder, 'pex-root'),
    UV_PYTHON_DOWNLOADS: 'never',
  });
  return { folder, source, env };
}

function changeLine(project: Project): void {
  appendFileSync(join(project.source, 'src', 'eight', 'cli.py'), `# ${performance.now()}\n`);
  commit(project.source);
}

function commit(source: string): void {
  git(source, 'add', '--all');
  git(source, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '--quiet', '-m', 'next');
}

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd, stdio: 'pipe' });
}

function pexAlone({ source, folder, env }: Project, python: string, { pex }: PlainTools): Used {
  const argv = [python, '-m', 'pex', '-r', 'requirements.txt', '--output-file', join(folder, 'eight.pex')];
  return { used: measure({ argv, cwd: source, env: { ...env, PYTHONPATH: pex } }), program: 0 };
}

function uvAndPex({ source, folder, env }: Project, python: string, { pex, uv }: PlainTools): Used {
  const venv = join(folder, 'venv');
  const install = ['pip', 'install', '--quiet', '--python', join(venv, 'bin', 'python')];
  const pack = ['--venv-repository', venv, '-r', 'requirements.txt', 'eight', '--console-script', 'eight'];
  const steps: readonly (readonly string[])[] = [
    [uv, 'venv', '--quiet', '--python', python, venv],
    [uv, ...install, '--require-hashes', '-r', 'requirements.txt'],
    [uv, ...install, '--no-deps', '.'],
    [python, '-m', 'pex', ...pack, '--output-file', join(folder, 'eight.pex')],
  ];
  mkdirSync(folder, { recursive: true });
  const each = steps.map((argv) => measure({ argv, cwd: source, env: { ...env, PYTHONPATH: pex } }));
  const sum = (key: 'wall' | 'cpu') => each.reduce((so, one) => so + one[key], 0);
  const peak = Math.max(...each.map((one) => one.peak));
  return { used: { wall: sum('wall'), cpu: sum('cpu'), peak }, program: 0 };
}

function exitproof({ source, folder, env }: Project, python: string, args: readonly string[]): Used {
  const file = join(folder, 'report.json');
  const argv = [NODE_24, cliEntry(), ...args, source, '--python', python, '--report', file];
  const used = measure({ argv, cwd: source, env });
  const { runs } = parseReport(readFileSync(file, 'utf8'), file);
  return { used, program: runs.reduce((so, { duration }) => so + duration, 0) };
}

function mebibytes(folder: string): number {
  const said = execFileSync('du', ['-sm', folder], { encoding: 'utf8' });
  return Number(said.split('\t')[0]);
}

const HEAD = `  ${''.padEnd(19)}   wall ms    CPU ms   peak MB   disk MB   wall ×    CPU ×  program ms  wall × but that`;

/** Ratios are against the first; the last one leaves out how long the program itself took. */
function lines(
  title: string,
  all: readonly Figure[],
  beside: ReadonlyMap<string, readonly Beside[]>,
): readonly string[] {
  const peer = all[0]?.median.wall ?? Number.NaN;
  const rows = all.map(({ name, median: one, ratio }) => {
    const notes = beside.get(name) ?? [];
    const disk = median(notes.map((note) => note.disk));
    const program = median(notes.map((note) => note.program));
    const numbers = [one.wall, one.cpu, one.peak, disk].map((value) => value.toFixed(0).padStart(10));
    const ratios = [ratio.wall, ratio.cpu].map((value) => value.toFixed(2).padStart(9));
    const rest = [program.toFixed(0).padStart(12), ((one.wall - program) / peer).toFixed(2).padStart(17)];
    return `  ${name.padEnd(19)}${[...numbers, ...ratios, ...rest].join('')}`;
  });
  return [title, HEAD, ...rows];
}
