import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseReport } from '../../../src/report/parse.ts';
import { anyPython } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { cli } from '../cli/source.ts';

test('the sources of a program that was built elsewhere are looked for in DIR', async (context) => {
  const python = need(context, 'a Python', anyPython());
  const [here, project] = [temporaryFolder('executable'), temporaryFolder('executable')];
  const source = `#!${python}\ndef go():\n    raise ValueError(1)\ngo()\n`;
  mkdirSync(join(project, 'app'));
  writeFileSync(join(project, 'app', 'broken.py'), source);
  mkdirSync(join(here, 'built'));
  const program = join(here, 'built', 'broken.py');
  writeFileSync(program, source);
  chmodSync(program, 0o755);

  const { code, stderr } = await cli(['check', '--executable', program, '--smoke', '', project], here);

  expect(code, stderr).toBe(1);
  const file = join(here, '.exitproof', 'out', 'report.json');
  const [run] = parseReport(readFileSync(file, 'utf8'), file).runs;
  expect(run?.diagnosis?.guilty?.source).toEqual({ path: 'app/broken.py', line: 3, exact: true });
});
