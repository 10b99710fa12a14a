import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Module } from '../../src/layout/bytecode/bytecodePack.ts';
import { compile } from '../../src/layout/bytecode/compile.ts';
import { addBytecode } from '../../src/layout/bytecode/pyc.ts';
import type { Manifest } from '../../src/layout/manifest.ts';
import { scan } from '../../src/layout/scan.ts';
import { verify } from '../../src/layout/verify.ts';
import type { Log } from '../../src/log.ts';
import type { CachePlace } from '../../src/toolchain/paths.ts';
import { runCli, testEnvironment } from '../support/cli.ts';
import { inRepository } from '../support/paths.ts';
import { pythons } from '../support/pythons.ts';
import { quietLog } from '../support/quietLog.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** The same strings as names, as constants and in sets, and what a process may know before. */
const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];
const MODULES = {
  'lib/names.py': `${WORDS.map((word) => `${word} = 1`).join('\n')}\n`,
  'lib/sets.py': [0, 2, 1, 3]
    .map((from, at) => {
      const set = WORDS.slice(from, from + 4 + (at % 2)).map((word) => `'${word}'`);
      return `def f${at}(x):\n    return x in {${set.join(', ')}}\n`;
    })
    .concat(`def g(x):\n    return x in {'alpha', 'beta'} or x in {'alpha', 'beta'} or '{' in x or '' == x\n`)
    .join('\n'),
  'lib/words.py': `def get(x):\n    return (x.alpha, x.beta, getattr(x, '{', None), ${WORDS.map((word) => `'${word}'`).join(', ')})\n`,
  // The compiler loads `unicodedata` for the first, which knows the name that the second asks for, as it does the letter.
  'lib/knows.py': 'BULLET = "\\N{BULLET}"\nä = 1\n',
  'lib/asks.py': "def f(x):\n    return x.digit() or x == 'ä'\n",
  'lib/p/__init__.py': '',
  'lib/p/ä.py': 'def hello():\n    """A word: ä."""\n    return "hello"\n',
} as const;

/** With the folder of an interpreter, and a log of what was run. */
function layout(python: string, files: Readonly<Record<string, string>> = MODULES) {
  const root = temporaryFolder('bytecode');
  const [folder, work] = [join(root, 'layout'), join(root, 'work')];
  for (const path of [join(folder, 'bin'), work]) mkdirSync(path, { recursive: true });
  symlinkSync(python, join(folder, 'bin/python'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const ran: string[] = [];
  const log: Log = { ...quietLog, debug: (line) => void ran.push(line) };
  return { folder, ran, context: { log, env: process.env, work } };
}

type Path = keyof typeof MODULES;
const ALL = Object.keys(MODULES) as Path[];

function moduleOf(path: Path): Module {
  return { path, sha256: createHash('sha256').update(MODULES[path]).digest('hex') };
}

describe.each(pythons())('modules compiled by Python $version', ({ path: python }) => {
  it('have the same bytes whatever is compiled before them', async () => {
    const { folder, context } = layout(python);
    const compileOf = (paths: readonly Path[]) => compile(folder, paths.map(moduleOf), context);
    const together = await compileOf(ALL);
    expect([...together.keys()].sort()).toEqual([...ALL].sort());
    // Every second is of the same process.
    const orders = ALL.flatMap((one) => [
      [one],
      ...ALL.map((other) => [other, one]),
      ...ALL.map((other): Path[] => [other, 'lib/p/__init__.py', one]),
    ]);
    for (const order of orders) {
      for (const [path, bytes] of await compileOf(order)) {
        expect(bytes.equals(together.get(path) ?? Buffer.alloc(0)), `${path} in ${order}`).toBe(true);
      }
    }
  });

  it('are what it imports, and takes for its own', async () => {
    const tag = execFileSync(python, ['-c', 'import sys; print(sys.implementation.cache_tag)'], {
      encoding: 'utf8',
    }).trim();
    const { folder, context } = layout(python);
    const manifest = await manifestOf(folder);
    const added = ['lib/p/__pycache__', `lib/p/__pycache__/ä.${tag}.pyc`];
    await addBytecode({ folder, manifest, added, kept: null }, context);
    // Unchecked: the source is not asked.
    writeFileSync(join(folder, 'lib/p/ä.py'), 'raise SystemExit("compiled anew")\n');
    const program = 'import p.ä; print(p.ä.hello(), p.ä.hello.__code__.co_filename)';
    const env = { PYTHONPATH: join(folder, 'lib'), PYTHONUTF8: '1' };
    expect(execFileSync(python, ['-c', program], { env, encoding: 'utf8' })).toBe(
      `hello ${join(folder, 'lib/p/ä.py')}\n`,
    );
  });
});

describe.skipIf(pythons().length === 0)('compiled modules that are kept', () => {
  const python = pythons().at(-1)?.path ?? '';
  const added = ['lib/__pycache__', 'lib/p/__pycache__', ...ALL.map(pycOf)];

  async function compileAll(
    kept: CachePlace | null,
    files: Readonly<Record<string, string>> = MODULES,
  ): Promise<{ manifest: Manifest; compiled: readonly string[]; folder: string }> {
    const { folder, context, ran } = layout(python, files);
    const manifest = await addBytecode({ folder, manifest: await manifestOf(folder), added, kept }, context);
    expect(await verify(folder, manifest)).toEqual({ ok: true });
    const lists = readdirSync(context.work).filter((name) => name.endsWith('.list'));
    const compiled = lists.flatMap((name) =>
      readFileSync(join(context.work, name), 'utf8').trim().split('\n'),
    );
    expect(ran.some((line) => line.includes('compile-'))).toBe(compiled.length > 0);
    return { manifest, compiled: compiled.sort(), folder };
  }

  function cache() {
    const home = temporaryFolder('home');
    const packs = join(home, 'exitproof/bytecode');
    return { kept: { env: { XDG_CACHE_HOME: home }, write: true }, packs };
  }

  it('are taken the next time, and make the very same layout', async () => {
    const { kept, packs } = cache();
    const [without, first, second] = [await compileAll(null), await compileAll(kept), await compileAll(kept)];
    expect(first.compiled).toEqual([...ALL].sort());
    expect(second.compiled).toEqual([]);
    expect(first.manifest).toEqual(without.manifest);
    expect(second.manifest).toEqual(without.manifest);
    expect(readdirSync(packs)).toHaveLength(1);
  });

  it('are compiled anew where the source is another, and only these', async () => {
    const { kept } = cache();
    await compileAll(kept);
    const changed = { ...MODULES, 'lib/names.py': 'other = 2\n' };
    const after = await compileAll(kept, changed);
    expect(after.compiled).toEqual(['lib/names.py']);
    expect(after.manifest).toEqual((await compileAll(null, changed)).manifest);
    // Neither has pushed the other out.
    expect((await compileAll(kept)).compiled).toEqual([]);
    expect((await compileAll(kept, changed)).compiled).toEqual([]);
  });

  it('are compiled anew where a byte of them has changed', async () => {
    const { kept, packs } = cache();
    const { manifest } = await compileAll(kept);
    const file = join(packs, readdirSync(packs)[0] ?? '');
    const bytes = readFileSync(file);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const again = await compileAll(kept);
    expect(again.compiled).toHaveLength(1);
    expect(again.manifest).toEqual(manifest);
    expect((await compileAll(kept)).compiled).toEqual([]);
  });

  it('are neither read nor written where there is no cache, and read alone where it may only be read', async () => {
    const { kept, packs } = cache();
    await compileAll({ ...kept, write: false });
    expect(existsSync(packs)).toBe(false);
    await compileAll(kept);
    expect((await compileAll(null)).compiled).toEqual([...ALL].sort());
    const [file = ''] = readdirSync(packs);
    const before = readFileSync(join(packs, file));
    const read = await compileAll({ ...kept, write: false }, { ...MODULES, 'lib/names.py': 'other = 2\n' });
    expect(read.compiled).toEqual(['lib/names.py']);
    expect(readFileSync(join(packs, file))).toEqual(before);
  });

  it('are of other bytes for a module that names its layout, which is never taken for another’s', async () => {
    const { kept } = cache();
    const { folder, context } = layout(python);
    const where = join(folder, 'lib/names.py');
    writeFileSync(where, `# ${folder}/lib\nWHERE = 1\n`);
    const named = { folder, manifest: await manifestOf(folder), added, kept };
    const manifest = await addBytecode(named, context);
    expect(manifest.some(({ path }) => path === pycOf('lib/names.py'))).toBe(true);
    expect(manifest.find(({ path }) => path === 'lib/names.py')).toMatchObject({ tokens: true });
    const other = layout(python);
    writeFileSync(join(other.folder, 'lib/names.py'), `# ${other.folder}/lib\nWHERE = 1\n`);
    await addBytecode(
      { ...named, folder: other.folder, manifest: await manifestOf(other.folder) },
      other.context,
    );
    const list = readFileSync(join(other.context.work, 'compile-0.list'), 'utf8');
    expect(list).toBe('lib/names.py\n');
  });

  it.each([
    { what: 'has changed', listed: () => MODULES['lib/names.py'], text: () => 'other = 2\n' },
    {
      what: 'names the place of its layout and has changed',
      listed: (folder: string) => `# ${folder}\n`,
      text: (folder: string) => `# ${folder}\nother = 2\n`,
    },
    { what: 'is gone', listed: () => MODULES['lib/names.py'], text: () => null },
    {
      what: 'names the place of its layout and is gone',
      listed: (folder: string) => `# ${folder}\n`,
      text: () => null,
    },
  ])('are none of a source that $what since it was listed', async ({ listed, text }) => {
    const { kept } = cache();
    const { folder, context } = layout(python);
    const here = join(folder, 'lib/names.py');
    writeFileSync(here, listed(folder));
    const before = await manifestOf(folder);
    const changed = text(folder);
    if (changed === null) rmSync(here);
    else writeFileSync(here, changed);
    const manifest = await addBytecode({ folder, manifest: before, added, kept }, context);
    const made = manifest.flatMap(({ path }) => (path.endsWith('.pyc') ? [path] : []));
    expect(made.sort()).toEqual(
      ALL.filter((path) => path !== 'lib/names.py')
        .map(pycOf)
        .sort(),
    );
    expect((await compileAll(kept)).compiled).toEqual(['lib/names.py']);
  });

  it('hold no place: what would name it stays uncompiled', async () => {
    const { folder, context } = layout(python);
    writeFileSync(join(folder, 'lib/names.py'), `WHERE = ${JSON.stringify(`${folder}/lib`)}\n`);
    const before = await manifestOf(folder);
    const manifest = await addBytecode({ folder, manifest: before, added, kept: null }, context);
    expect(manifest.some(({ path }) => path === pycOf('lib/names.py'))).toBe(false);
    expect(existsSync(join(folder, pycOf('lib/names.py')))).toBe(false);
    expect(await verify(folder, manifest)).toEqual({ ok: true });
  });

  function pycOf(path: string): string {
    return path.replace(/([^/]+)\.py$/, '__pycache__/$1.cpython-313.pyc');
  }
});

test.skipIf(pythons().length === 0)('a check keeps compiled modules as its cache setting says', async () => {
  const home = temporaryFolder('check');
  const project = join(home, 'project');
  // The private tools are those of all tests.
  const tools = inRepository('.exitproof', 'test', 'cache', 'exitproof', 'tools');
  for (const folder of [project, join(home, 'exitproof'), tools]) mkdirSync(folder, { recursive: true });
  symlinkSync(tools, join(home, 'exitproof/tools'));
  const files = { 'app.py': 'import part\nprint(part.WORD)\n', 'part.py': 'WORD = "hello"\n' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  const packs = join(home, 'exitproof/bytecode');
  const check = async (choice: string): Promise<void> => {
    const args = ['check', project, '--entry-point', 'app.py', '--cache', choice];
    const ended = await runCli([...args, '--python', pythons().at(-1)?.path ?? ''], {
      cwd: project,
      env: testEnvironment({ XDG_CACHE_HOME: home }),
    });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  };
  await check('off');
  await check('read');
  expect(existsSync(packs)).toBe(false);
  await check('on');
  expect(readdirSync(packs)).toHaveLength(1);
});

async function manifestOf(folder: string): Promise<Manifest> {
  const found = await scan(folder);
  if (found.kind !== 'tree') throw new Error(found.reason);
  return found.manifest;
}
