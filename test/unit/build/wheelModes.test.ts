import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { normaliseWheelModes } from '../../../src/build/wheelModes.ts';
import { anyPython } from '../../support/pythons.ts';
import { need } from '../../support/skips.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const WRITE = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, mode in [("private.py", 0o100600), ("group.py", 0o100664), ("tool", 0o100700), ("all", 0o100777),
                       ("untyped", 0o600), ("dos", 0o100664), ("folder/", 0o040700), ("link", 0o120777)]:
        info = zipfile.ZipInfo(name)
        info.create_system = 0 if name == "dos" else 3
        info.external_attr = mode << 16
        info.comment = b"comment" if name == "tool" else b""
        wheel.writestr(info, "x" * 100 if mode & 0o040000 == 0 else "")
    if sys.argv[2:]:
        wheel.comment = sys.argv[2].encode()
`;
const READ = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    assert wheel.testzip() is None
    for info in wheel.infolist():
        print(info.filename, oct(info.external_attr >> 16)[2:])
`;

test.for([[], ['of the whole']])(
  'a built wheel has no mode that a umask could have made (comment: %j)',
  async (comment, context) => {
    const python = need(context, 'Python', anyPython());
    const wheel = join(temporaryFolder('modes'), 'app-1-py3-none-any.whl');
    execFileSync(python, ['-c', WRITE, wheel, ...comment]);
    await normaliseWheelModes(wheel);
    expect(execFileSync(python, ['-c', READ, wheel], { encoding: 'utf8' }).trim().split('\n')).toEqual([
      ...['private.py 100644', 'group.py 100644', 'tool 100755', 'all 100755'],
      ...['untyped 644', 'dos 100644', 'folder/ 40755', 'link 120777'],
    ]);
    const bytes = readFileSync(wheel);
    await normaliseWheelModes(wheel);
    expect(readFileSync(wheel)).toEqual(bytes);
  },
);

test.each(['', 'no zip', 'PK\x05\x06 cut off'])('what is no zip (%j) is left as it is', async (text) => {
  const file = join(temporaryFolder('modes'), 'file');
  writeFileSync(file, text);
  await normaliseWheelModes(file);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
