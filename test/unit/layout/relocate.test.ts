import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePortable } from '../../../src/layout/frozen/portable.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { BASE, INFO, manifestOf, plant } from './tree.ts';

const ARM = BASE.soabi.replace('x86_64', 'aarch64');
const FREE = BASE.soabi.replace('312', '312t');

/** An unpacked archive, and what its `relocate` says to a Python of that ABI. */
async function relocated(isCompiled: boolean, soabi: string) {
  const root = temporaryFolder('relocate');
  const folder = join(root, 'here');
  plant(folder, { files: [], binaries: [], links: [], empty: [] }, BASE);
  const interpreter = { ...INFO.interpreter, soabi: BASE.soabi };
  const platform = isCompiled ? { os: 'linux', architecture: 'x64', libc: null } : null;
  const layout = { info: { ...INFO, interpreter, platform }, manifest: await manifestOf(folder) };
  const portable = await writePortable({ folder, layout, destination: join(root, 'portable') });
  const python = join(root, 'python');
  writeFileSync(python, `#!/bin/sh\nprintf '3.12\\n%s\\n%s\\n' "$0" "${soabi}"\n`);
  chmodSync(python, 0o755);
  const { status, stderr } = spawnSync(join(portable, '.exitproof/relocate'), [python], { encoding: 'utf8' });
  return {
    status,
    stderr: stderr.replace(python, 'PYTHON'),
    isFitted: existsSync(join(portable, 'bin/python')),
  };
}

test.each([
  [true, BASE.soabi],
  [true, ''],
  [false, BASE.soabi],
  [false, ARM],
  [false, ''],
])('an unpacked layout (compiled: %s) is fitted to a Python of the ABI “%s”', async (isCompiled, soabi) => {
  expect(await relocated(isCompiled, soabi)).toEqual({ status: 0, stderr: '', isFitted: true });
});

test.each([
  [true, ARM, BASE.soabi],
  [true, FREE, BASE.soabi],
  [false, FREE, 'cpython-312'],
])(
  'an unpacked layout (compiled: %s) is refused to a Python of the ABI “%s”',
  async (isCompiled, soabi, wanted) => {
    expect(await relocated(isCompiled, soabi)).toEqual({
      status: 1,
      stderr: `relocate: this layout is for the ABI ${wanted}, and that of PYTHON is ${soabi}\n`,
      isFitted: false,
    });
  },
);
