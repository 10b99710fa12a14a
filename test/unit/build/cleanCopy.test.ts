import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type CleanCopy, cleanCopy } from '../../../src/build/cleanCopy.ts';
import { findRepository } from '../../../src/build/git.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { recordingContext } from '../toolchain/context.ts';

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim();
}

const LEFTOVERS = {
  'build/lib/app/deleted.py': 'stale',
  'app.egg-info/SOURCES.txt': 'stale',
  'app/__pycache__/x.pyc': 'stale',
  '.venv/pyvenv.cfg': '',
  'env/pyvenv.cfg': '',
  'env/bin/python': '',
  'out/report.json': '{}',
};

async function copyOf(project: string, root = project): Promise<CleanCopy> {
  const destination = join(temporaryFolder(), 'source');
  const context = recordingContext(dirname(destination));
  const repository = await findRepository(project, context);
  return await cleanCopy({ project, repository, root, output: join(project, 'out'), destination }, context);
}

test('without git: everything but what builds and tools left', async () => {
  const project = temporaryFolder();
  write(project, { 'pyproject.toml': '', 'app/a.py': 'a', 'app/build/page.html': 'kept', ...LEFTOVERS });
  symlinkSync('a.py', join(project, 'app', 'link.py'));
  const copy = await copyOf(project);
  for (const name of ['pyproject.toml', 'app/a.py', 'app/build/page.html']) {
    expect(existsSync(join(copy.project, name)), name).toBe(true);
  }
  expect(lstatSync(join(copy.project, 'app', 'link.py')).isSymbolicLink()).toBe(true);
  for (const name of Object.keys(LEFTOVERS)) expect(existsSync(join(copy.project, name)), name).toBe(false);
});

const EARLIER = {
  'first/app.pex': 'built',
  'first/layout/PEX-INFO': '{}',
  'first/layout/app.py': 'built',
  'second/layout/.exitproof/built': '',
  'second/layout/_internal/app.so': 'built',
  'second/app.tar.gz': 'built',
};

test.each(['without', 'with'])(
  '%s git: nothing that exitproof has written to this or another output',
  async (which) => {
    const project = temporaryFolder();
    if (which === 'with') git(project, 'init', '-q');
    const kept = ['pyproject.toml', 'app/layout/page.html', 'third/layout/first.html'];
    write(project, { ...EARLIER, 'out/app.pex': 'built' });
    for (const name of kept) write(project, { [name]: '' });
    const copy = await copyOf(project);
    for (const name of kept) expect(existsSync(join(copy.project, name)), name).toBe(true);
    for (const name of ['first', 'second', 'out']) {
      expect(existsSync(join(copy.project, name)), name).toBe(false);
    }
  },
);

test('of a project that is its own output all but the layout', async () => {
  const project = temporaryFolder();
  write(project, { '__main__.py': '', 'layout/PEX-INFO': '{}', 'layout/app.py': 'built' });
  const destination = join(temporaryFolder(), 'source');
  const request = { project, repository: null, root: project, output: project, destination };
  const copy = await cleanCopy(request, recordingContext(dirname(destination)));
  expect(existsSync(join(copy.project, '__main__.py'))).toBe(true);
  expect(existsSync(join(copy.project, 'layout'))).toBe(false);
});

test('with git: ignored assets come along, leftovers do not, and the original is not touched', async () => {
  const root = temporaryFolder();
  git(root, 'init', '-q');
  write(root, {
    '.gitignore': 'build/\n*.egg-info\nassets/\n__pycache__\n.venv\nenv\nout\n',
    'shared/readme.md': 'beside',
    'app/pyproject.toml': '',
    'app/app/a.py': 'a',
    'app/gone.py': '',
  });
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'one');
  git(root, 'tag', 'v1.0');
  rmSync(join(root, 'app', 'gone.py'));
  write(root, { 'app/assets/bundle.js': 'made', 'app/new.py': 'untracked' });
  write(join(root, 'app'), LEFTOVERS);
  const index = readFileSync(join(root, '.git', 'index'));

  const copy = await copyOf(join(root, 'app'));
  for (const name of ['app/a.py', 'assets/bundle.js', 'new.py', '../shared/readme.md']) {
    expect(existsSync(join(copy.project, name)), name).toBe(true);
  }
  for (const name of ['gone.py', ...Object.keys(LEFTOVERS)]) {
    expect(existsSync(join(copy.project, name)), name).toBe(false);
  }
  expect(git(copy.project, 'describe', '--tags', '--dirty')).toBe('v1.0-dirty');
  expect(git(copy.project, 'status', '--short')).toContain('gone.py');
  expect(readFileSync(join(root, '.git', 'index'))).toEqual(index);
  expect(existsSync(join(root, '.git', 'worktrees'))).toBe(false);
});
