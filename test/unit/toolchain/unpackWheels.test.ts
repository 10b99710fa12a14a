import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpackWheels } from '../../../src/toolchain/pip.ts';
import { probeInterpreter } from '../../../src/toolchain/probeInterpreter.ts';
import { anyPython } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { recordingContext } from './context.ts';

test('a tool is unpacked with its byte code, and a file that this Python cannot read spoils nothing', async (context) => {
  const interpreter = await probeInterpreter(need(context, 'a Python', anyPython()));
  if (interpreter === null) throw new Error('the Python does not run');
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'tool'));
  writeFileSync(join(folder, 'tool', '__init__.py'), 'name = "tool"\n');
  writeFileSync(join(folder, 'tool', 'newer.py'), 'match = = 1\n');
  const part = temporaryFolder();
  writeFileSync(join(part, 'beside'), '');
  const wheel = join(part, 'tool-1-py3-none-any.whl');
  execFileSync(interpreter.path, ['-I', '-m', 'zipfile', '-c', wheel, 'tool'], { cwd: folder });
  await unpackWheels(interpreter, part, recordingContext(temporaryFolder()));
  expect(readdirSync(part).sort()).toEqual(['beside', 'tool']);
  expect(existsSync(join(part, 'tool', 'newer.py'))).toBe(true);
  expect(readdirSync(join(part, 'tool', '__pycache__')).join()).toMatch(/^__init__\.[\w-]+\.pyc$/);
});
