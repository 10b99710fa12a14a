import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeArchive } from '../../src/archive/archive.ts';
import { restoreByKey } from '../../src/cache/restoreByKey.ts';
import { freeze } from '../../src/layout/frozen/freeze.ts';
import { writePortable } from '../../src/layout/frozen/portable.ts';
import { thaw } from '../../src/layout/frozen/thaw.ts';
import { baseInterpreter } from '../../src/layout/interpreter.ts';
import { finishLayout, freshLayout } from '../../src/layout/layout.ts';
import { lendLayout } from '../../src/layout/lend/lend.ts';
import type { FrozenLayout } from '../../src/layout/manifest.ts';
import { openPackages } from '../../src/layout/venv/packages.ts';
import { verify } from '../../src/layout/verify.ts';
import { runTool } from '../../src/toolchain/exec.ts';
import { findInterpreter } from '../../src/toolchain/interpreter.ts';
import { defaultPexVersion, pexCommand, pexTool } from '../../src/toolchain/pex.ts';
import { python } from '../support/pythons.ts';
import { quietLog } from '../support/quietLog.ts';
import { temporaryFolder } from '../support/tmp.ts';

const PYTHON = python('3.12');

const WHERE = 'import sys, httpie; print(httpie.__version__, sys.base_prefix, httpie.__file__, sep="\\n")';

/** One build for all tests: a real program with compiled and universal dependencies. */
async function build(root: string) {
  const context = { log: quietLog, env: process.env, work: join(root, 'work') };
  mkdirSync(context.work);
  const interpreter = await findInterpreter({
    python: PYTHON,
    requiresPython: null,
    project: null,
    path: process.env['PATH'] ?? '',
    env: process.env,
  });
  const pex = join(root, 'http.pex');
  const tool = await pexTool(defaultPexVersion(), interpreter, context);
  const flags = ['--venv', 'prepend', '--sh-boot', '--venv-site-packages-copies', '--include-tools'];
  const args = [
    'httpie==3.2.4',
    '-c',
    'http',
    '--python',
    interpreter.path,
    ...flags,
    '--no-compress',
    '-o',
    pex,
  ];
  const env = { ...process.env, PEX_ROOT: join(root, 'pex-root') } as Record<string, string>;
  const command = { tool: interpreter.path, args: [...pexCommand(tool), ...args], env };
  const built = await runTool(command, context, 'Packing the PEX');
  if (built.exitCode !== 0) throw new Error(built.stderr);
  const destination = join(root, 'first/layout');
  const fresh = await freshLayout({
    pex,
    destination,
    interpreter: interpreter.path,
    tool: tool.folder,
    packages: openPackages({ wheels: [], destination, mayReuse: false }, context),
    pexRoot: join(root, 'pex-root'),
    context,
    script: 'http',
  });
  return { pex, fresh, interpreter };
}

function run(executable: string, ...args: string[]): string {
  return execFileSync(executable, args, { encoding: 'utf8', env: { PATH: process.env['PATH'] }, cwd: '/' });
}

/** Every file and link below `folder` that contains `needle`. */
function traces(folder: string, needle: string): string[] {
  const found = spawnSync('grep', ['-rlF', needle, folder], { encoding: 'utf8' }).stdout.trim();
  const links = spawnSync('find', [folder, '-lname', `*${needle}*`], { encoding: 'utf8' }).stdout.trim();
  return [found, links].filter((text) => text !== '');
}

/** The same interpreter at another place: its own prefix, the first one's standard library. */
function otherBase(root: string, executable: string): string {
  const prefix = join(root, 'other-python');
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  cpSync(realpathSync(executable), join(prefix, 'bin/python3.12'));
  symlinkSync(join(dirname(dirname(realpathSync(executable))), 'lib'), join(prefix, 'lib'));
  return join(prefix, 'bin/python3.12');
}

describe.skipIf(PYTHON === null)('the venv layout of a real PEX', () => {
  const root = temporaryFolder('layout');
  const frozen = join(root, 'layout.tar');
  let layout: FrozenLayout;
  let folder: string;
  let whileLent: { readonly old: string[]; readonly new: string[]; readonly isThere: boolean };

  beforeAll(async () => {
    const { fresh, interpreter, pex } = await build(root);
    expect(fresh).toMatchObject({ executable: 'bin/http', reason: null });
    folder = fresh.folder;
    const lent = await lendLayout(fresh, join(root, 'watched'));
    for (const _ of [1, 2, 3]) expect(run(join(lent.folder, 'bin/http'), '--version')).toBe('3.2.4\n');
    whileLent = {
      old: traces(lent.folder, folder),
      new: traces(lent.folder, lent.folder),
      isThere: existsSync(folder),
    };
    const back = await lent.giveBack();
    if (back.kind === 'damaged') throw new Error(back.reason);
    expect(await verify(folder, fresh.manifest ?? [])).toEqual({ ok: true });
    const { version, implementation, soabi } = interpreter;
    const info = {
      exitproof: '0.1.0',
      commit: null,
      verdict: 'passed',
      entry: 'http',
      layout: 'venv',
      executable: fresh.executable,
      interpreter: { version, implementation, soabi },
      platform: null,
      artifact: null,
    } as const;
    const context = { log: quietLog, env: process.env, work: join(root, 'work') };
    const found = { info, manifest: fresh.manifest ?? [] };
    layout = await finishLayout(folder, found, { added: back.added, kept: null }, context);
    expect(statSync(pex).size).toBeGreaterThan(0);
    await freeze({ folder, layout, artifact: null, record: null, file: frozen });
  });

  it('lies elsewhere while it runs, and is afterwards what it was', async () => {
    expect(whileLent).toEqual({ old: [], new: expect.arrayContaining([expect.any(String)]), isThere: false });
    expect(await verify(folder, layout.manifest)).toEqual({ ok: true });
    expect(traces(folder, folder)).not.toEqual([]);
    expect(traces(folder, join(root, 'watched'))).toEqual([]);
  });

  it('starts from compiled modules, which name no path and stay valid wherever it lies', async () => {
    const compiled = layout.manifest.filter((entry) => entry.path.endsWith('.pyc'));
    expect(compiled.length).toBeGreaterThan(50);
    const before = readdirSync(join(folder, 'lib/python3.12/site-packages/httpie/__pycache__'));
    run(join(folder, 'bin/http'), '--version');
    expect(readdirSync(join(folder, 'lib/python3.12/site-packages/httpie/__pycache__'))).toEqual(before);
    const flags = compiled.map(({ path }) => readFileSync(join(folder, path)).readUInt32LE(4));
    expect(new Set(flags)).toEqual(new Set([1]));
    const file = run(
      join(folder, 'bin/python'),
      '-c',
      'import httpie.core as c; print(c.main.__code__.co_filename)',
    );
    expect(file.trim()).toBe(join(folder, 'lib/python3.12/site-packages/httpie/core.py'));
  });

  it('thawed elsewhere runs itself on the new interpreter, though another venv lies at its old place', async () => {
    const away = join(root, 'first-away');
    renameSync(join(root, 'first'), away);
    try {
      const decoy = join(folder, 'bin/python3.12');
      mkdirSync(dirname(decoy), { recursive: true });
      writeFileSync(decoy, '#!/bin/sh\necho DECOY\n', { mode: 0o755 });
      const base = otherBase(root, PYTHON ?? '');
      const destination = join(root, 'a/much/deeper/place/app');
      const interpreter = await baseInterpreter(base);
      const thawed = await thaw({ file: frozen, form: 'cache', destination, interpreter, artifact: null });
      expect(thawed).toMatchObject({ kind: 'thawed' });
      expect(run(join(destination, 'bin/http'), '--version')).toBe('3.2.4\n');
      expect(run(join(destination, 'pex'), '--version')).toBe('3.2.4\n');
      const [version, prefix, file] = run(join(destination, 'bin/python'), '-c', WHERE).split('\n');
      expect({ version, prefix }).toEqual({ version: '3.2.4', prefix: join(root, 'other-python') });
      expect(file?.startsWith(destination)).toBe(true);
      expect(traces(destination, join(root, 'first'))).toEqual([]);
      expect(traces(destination, dirname(realpathSync(PYTHON ?? '')))).toEqual([]);
      expect(await verify(destination, layout.manifest)).toEqual({ ok: true });
    } finally {
      rmSync(join(root, 'first'), { recursive: true });
      renameSync(away, join(root, 'first'));
    }
  });

  describe('as an archive', () => {
    const pack = async (from: string, name: string) => {
      const portable = await writePortable({ folder: from, layout, destination: join(root, name) });
      expect(traces(portable, root)).toEqual([]);
      const destination = join(root, `${name}.tar`);
      return writeArchive({
        folder: portable,
        format: 'tar',
        destination,
        root: 'http',
        epoch: 1_700_000_000,
      });
    };
    let archive: { readonly path: string; readonly sha256: string };
    beforeAll(async () => {
      archive = await pack(folder, 'portable');
    });
    const unpack = (name: string): string => {
      const out = join(root, name);
      mkdirSync(out);
      execFileSync('tar', ['-xf', archive.path, '-C', out]);
      return join(out, 'http');
    };

    it('is the same, byte for byte, from a layout at another place', async () => {
      const destination = join(root, 'second/place');
      const interpreter = await baseInterpreter(PYTHON ?? '');
      await thaw({ file: frozen, form: 'cache', destination, interpreter, artifact: null });
      expect((await pack(destination, 'portable-again')).sha256).toBe(archive.sha256);
    });

    it('runs once its own relocate has fitted it, and again after a move', () => {
      const first = unpack('unpacked');
      const relocate = (at: string): string => run(join(at, '.exitproof/relocate'), PYTHON ?? '').trim();
      expect(relocate(first)).toBe(join(first, 'bin/http'));
      expect(run(join(first, 'bin/http'), '--version')).toBe('3.2.4\n');
      const second = join(root, 'un&packed', 'moved|here');
      mkdirSync(dirname(second));
      renameSync(first, second);
      expect(run(relocate(second), '--version')).toBe('3.2.4\n');
      expect(traces(second, first)).toEqual([]);
    });

    it('is refused by relocate where a byte was changed, or for another Python', () => {
      const at = unpack('spoilt');
      const relocate = (tool: string) =>
        spawnSync(join(at, '.exitproof/relocate'), [tool], { encoding: 'utf8' });
      const other = python('3.11') ?? python('3.13');
      if (other !== null) {
        expect(relocate(other)).toMatchObject({ status: 1 });
        expect(relocate(other).stderr).toContain('this layout is for Python 3.12');
      }
      writeFileSync(join(at, 'lib/python3.12/site-packages/httpie/core.py'), '# changed\n', { flag: 'a' });
      expect(relocate(PYTHON ?? '')).toMatchObject({ status: 1 });
      expect(relocate(PYTHON ?? '').stderr).toContain('not what was checked');
    });

    it('is restored, verified and ready to run', async () => {
      const destination = join(root, 'restored');
      const source = { kind: 'archive', file: archive.path } as const;
      const restored = await restoreByKey({
        source,
        destination,
        python: async () => PYTHON,
        cancel: new AbortController().signal,
      });
      expect(restored).toMatchObject({ result: 'hit', notices: [] });
      if (restored.result !== 'hit') return;
      expect(run(restored.executable, '--version')).toBe('3.2.4\n');
      expect(await verify(destination, layout.manifest)).toEqual({ ok: true });
    });
  });
});
