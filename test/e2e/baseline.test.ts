import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Checked, runCheck } from '../support/checking.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** A program whose exit handler takes `seconds`. */
function write(root: string, name: string, seconds: number, regression: 'warn' | 'fail' | 'off'): void {
  writeFileSync(
    join(root, 'pyproject.toml'),
    `[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "${name}"
version = "1"
[project.scripts]
${name} = "program:main"
[tool.setuptools]
py-modules = ["program"]
[tool.exitproof]
teardown-regression = "${regression}"
`,
  );
  writeFileSync(
    join(root, 'program.py'),
    `import atexit, time\ndef main():\n    atexit.register(time.sleep, ${seconds})\n`,
  );
}

async function check(root: string): Promise<Checked> {
  const checked = await runCheck(root, ['--smoke=', '--cache', 'on']);
  expect([0, 1], checked.output).toContain(checked.code);
  return checked;
}

test('a teardown that has grown since the last good run fails, warns, or is let be', async () => {
  const root = temporaryFolder('baseline');
  // No earlier check has cached a program of this name.
  const name = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  write(root, name, 0.02, 'fail');
  const first = await check(root);
  expect(first).toMatchObject({ code: 0, report: { warnings: [], cache: { result: 'miss', saved: true } } });

  write(root, name, 1.5, 'off');
  expect((await check(root)).report).toMatchObject({ verdict: 'passed', warnings: [] });

  write(root, name, 4.5, 'fail');
  const failed = await check(root);
  const grown = /eardown of “no arguments” grew from 1\.\d+ s to 4\.\d+ s \(atexit\)/;
  expect(failed).toMatchObject({ code: 1, report: { verdict: 'failed', cache: { saved: false } } });
  expect(failed.report.summary).toMatch(grown);

  write(root, name, 4.5, 'warn');
  const warned = await check(root);
  expect(warned).toMatchObject({
    code: 0,
    report: { verdict: 'passed', cache: { result: 'miss', saved: true } },
  });
  expect(warned.report.warnings).toEqual([expect.stringMatching(grown)]);

  const again = await check(root);
  expect(again).toMatchObject({ code: 0, report: { warnings: [], cache: { result: 'hit' } } });
});
