import { describe, expect, test } from 'vitest';
import {
  bareAmongHashed,
  isHashed,
  isRequirementLine,
  requirementLines,
  requirementName,
  unpinnedNames,
} from '../../../src/build/requirements.ts';

test('logical lines: comments go, continuations are joined', () => {
  expect(requirementLines('# all\nsix==1 \\\n  --hash=sha256:00 # why\n\n-r other.txt\n')).toEqual([
    { line: 2, text: 'six==1 --hash=sha256:00' },
    { line: 5, text: '-r other.txt' },
  ]);
});

describe('what pip could take for a requirement', () => {
  test.each([
    'six',
    'six==1.0',
    'six >= 1, < 2 ; python_version < "3.9"',
    'rich[jupyter]~=13.0',
    'app @ git+https://host/app.git@main',
    './libs/app',
    '.',
    '.[extra]',
    'libs/app-1.0-py3-none-any.whl',
    'https://host/app.tar.gz',
    '-e .',
    '--index-url https://host/simple',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: pip's own syntax.
    '${PACKAGES}/app.whl',
  ])('%s', (line) => expect(isRequirementLine(line)).toBe(true));

  test.each(['[project]', 'name = "app"', '<html>', 'these are words', '{"a": 1}', '==1.0'])(
    'not %s',
    (line) => expect(isRequirementLine(line)).toBe(false),
  );
});

test('hashed means every requirement, and nothing from other files', () => {
  const hash = '--hash=sha256:00';
  expect(isHashed(`six==1 ${hash}\nrich==2 ${hash}\n`)).toBe(true);
  expect(isHashed(`--index-url https://host/simple\nsix==1 ${hash}\n`)).toBe(true);
  expect(isHashed(`six==1 ${hash}\nrich==2\n`)).toBe(false);
  expect(isHashed(`six==1 ${hash}\n-r more.txt\n`)).toBe(false);
  expect(isHashed('')).toBe(false);
});

test('the name of a requirement', () => {
  expect(requirementName('httpie>=3')).toBe('httpie');
  expect(requirementName('rich[jupyter]')).toBe('rich');
  expect(requirementName('app @ https://host/app.whl')).toBe('app');
  expect(requirementName('./app')).toBeNull();
  expect(requirementName('git+https://host/app')).toBeNull();
});

test('a requirement without a hash among others that have one is named', () => {
  const hash = '--hash=sha256:00';
  expect(bareAmongHashed(`a==1 ${hash}\n\n-i https://x\nb==2\n`)).toEqual({ line: 4, text: 'b==2' });
  expect(bareAmongHashed(`a==1 ${hash}\nb==2 ${hash}\n-r c.txt\n`)).toBeUndefined();
  expect(bareAmongHashed('a==1\nb==2\n')).toBeUndefined();
});

test('only an exact version, or an address, is the same tomorrow', () => {
  const exact = ['a==1.0', 'b[x]===2', 'c==1.0,!=1.1', 'd @ https://host/d.whl', '-r x.txt', './e'];
  const elsewhere = ["i ; sys_platform == 'win32'"];
  const loose = ['f', 'g>=1', 'h==1.*'];
  expect(unpinnedNames([...exact, ...elsewhere, ...loose].join('\n'))).toEqual(['f', 'g', 'h']);
  expect(unpinnedNames('-c constraints.txt\nf\n')).toEqual([]);
});
