import { describe, expect, test } from 'vitest';
import { failureReason } from '../../../src/toolchain/failureReason.ts';

describe('failureReason', () => {
  test('keeps all of what the resolver says, not its last line alone', () => {
    const stderr = [
      "WARNING: Location '/x' is ignored",
      'ERROR: Could not find a version that satisfies the requirement nope>=3 (from app) (from versions: none)',
      'ERROR: No matching distribution found for nope>=3 (from app)',
    ].join('\n');
    const reason = failureReason(stderr, '');
    expect(reason).toContain('satisfies the requirement nope>=3 (from app) (from versions: none)');
    expect(reason).toContain('No matching distribution found for nope>=3');
    expect(reason).not.toContain('WARNING');
  });

  test('says that the index could not be reached, which pip only warns of', () => {
    const stderr = [
      "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=9): Failed to establish a new connection: [Errno 111] Connection refused\")': /simple/pip/",
      'ERROR: Could not find a version that satisfies the requirement pip==26.3 (from versions: none)',
      'ERROR: No matching distribution found for pip==26.3',
    ].join('\n');
    expect(failureReason(stderr, '')).toBe(
      'the index could not be reached (127.0.0.1:9/simple/pip/): [Errno 111] Connection refused',
    );
    // A later try came through: what failed then counts, too.
    expect(failureReason(`${stderr}\nERROR: no room on the disk`, '')).toMatch(
      /reached[\s\S]*no room on the disk/,
    );
  });

  test('shortens a list of hundreds of versions to the newest', () => {
    const versions = Array.from({ length: 300 }, (_, index) => `1.${index}`).join(', ');
    const reason = failureReason(`ERROR: Could not find a version (from versions: ${versions})`, '');
    expect(reason).toContain('1.299');
    expect(reason).not.toContain('1.290,');
  });

  test('takes the reason of a failed build from the frame that pip draws around it', () => {
    const stderr = [
      '  error: subprocess-exited-with-error',
      '  ',
      '  × Building wheel for app (pyproject.toml) did not run successfully.',
      '  │ exit code: 1',
      '  ╰─> [3 lines of output]',
      '      Traceback (most recent call last):',
      '        File "setup.py", line 3',
      '      RuntimeError: no compiler here',
      '      [end of output]',
      '  ',
      '  note: This error originates from a subprocess, and is likely not a problem with pip.',
      '  ERROR: Failed building wheel for app',
      'ERROR: Failed to build one or more wheels',
    ].join('\n');
    expect(failureReason(stderr, '')).toContain('RuntimeError: no compiler here');
  });

  test('takes what a program said that a build script has run, not only that it failed', () => {
    const stderr = [
      '  error: subprocess-exited-with-error',
      '  ╰─> [6 lines of output]',
      '      running build_ext',
      '      CMake Error at CMakeLists.txt:3 (find_package):',
      '        Could not find a package configuration file provided by "Eigen3"',
      '      Traceback (most recent call last):',
      '        File "setup.py", line 3',
      "      subprocess.CalledProcessError: Command '['cmake', '..']' returned non-zero exit status 1.",
      '      [end of output]',
    ].join('\n');
    const reason = failureReason(stderr, '');
    expect(reason).toContain('CMake Error at CMakeLists.txt:3 (find_package)');
    expect(reason).toContain('provided by "Eigen3"');
    expect(reason).toContain('CalledProcessError');
    expect(reason).not.toContain('Traceback');
  });

  test('takes the error out of the frame, not the advice of many lines that follows it', () => {
    const stderr = [
      '  error: subprocess-exited-with-error',
      '  ╰─> [14 lines of output]',
      "      error: Multiple top-level modules discovered in a flat-layout: ['app', 'wait'].",
      '      ',
      '      If you are trying to create a single distribution with multiple modules',
      '      on purpose, you should not rely on automatic discovery.',
      '      Instead, consider the following options:',
      '      1. set up custom discovery (`find` directive with `include` or `exclude`)',
      '      2. use a `src-layout`',
      '      3. explicitly set `py_modules` or `packages` with a list of names',
      '      To find more information, look for "package discovery" on setuptools docs.',
      '      [end of output]',
      'error: subprocess-exited-with-error',
    ];
    expect(failureReason(stderr.join('\n'), '')).toBe(
      "Multiple top-level modules discovered in a flat-layout: ['app', 'wait'].",
    );
  });

  test('does not take the indexes that pip lists first for the reason', () => {
    const stderr = [
      '  ╰─> [4 lines of output]',
      '      Looking in indexes: https://a.example/simple, https://b.example/simple',
      '      Looking in links: /opt/wheels',
      '      ERROR: Could not find a version that satisfies the requirement no-such-backend (from versions: none)',
      '      ERROR: No matching distribution found for no-such-backend',
      '      [end of output]',
    ];
    expect(failureReason(stderr.join('\n'), '').split('\n')).toEqual([
      'Could not find a version that satisfies the requirement no-such-backend (from versions: none)',
      'No matching distribution found for no-such-backend',
    ]);
  });

  test("takes a compiler's error, and the lines before a linker's that says only that it failed", () => {
    const framed = (lines: readonly string[]) =>
      ['  ╰─> [9 lines of output]', ...lines.map((line) => `      ${line}`), '      [end of output]'].join(
        '\n',
      );
    const compiler = [
      'running build_ext',
      'x.c:1:10: fatal error: nope.h: No such file or directory',
      'compilation terminated.',
      "error: command '/usr/bin/gcc' failed with exit code 1",
    ];
    expect(failureReason(framed(compiler), '')).toBe(
      'x.c:1:10: fatal error: nope.h: No such file or directory',
    );
    const linker = [
      '/usr/bin/ld: cannot find -lnope',
      'collect2: error: ld returned 1 exit status',
      "error: command '/usr/bin/gcc' failed with exit code 1",
    ];
    expect(failureReason(framed(linker), '')).toContain('cannot find -lnope');
  });

  test('names the package of a wrong hash, what was expected and what came', () => {
    const hashes = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64));
    const stderr = [
      'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated …',
      '    six==1.16.0 from https://a.example/six-1.16.0-py2.py3-none-any.whl (from -r r.txt (line 1)):',
      `        Expected sha256 ${hashes[0]}`,
      `        Expected     or ${hashes[1]}`,
      `        Expected     or ${hashes[2]}`,
      `             Got        ${hashes[3]}`,
      '',
    ];
    expect(failureReason(stderr.join('\n'), '')).toBe(
      `six==1.16.0 does not match its hash: expected ${hashes[0]} or ${hashes[1]} or 1 more, got ${hashes[3]}`,
    );
  });

  test("takes Python's own exception, first its first line, for the reason of a tool that broke", () => {
    const stderr = [
      'Traceback (most recent call last):',
      '  File "/tools/pip/_internal/locations/_distutils.py", line 22, in <module>',
      '    from distutils.cmd import Command',
      "ModuleNotFoundError: No module named 'distutils.cmd'",
    ];
    expect(failureReason(stderr.join('\n'), '')).toBe("ModuleNotFoundError: No module named 'distutils.cmd'");
    const framed = [
      '  error: subprocess-exited-with-error',
      '  ╰─> [5 lines of output]',
      '      Traceback (most recent call last):',
      '        File "core.py", line 1550, in cached',
      '          raise type(e)(message) from None',
      '      LookupError: Error getting the version from source `vcs`',
      '      Make sure that this is a repository.',
      '      [end of output]',
    ];
    expect(failureReason(framed.join('\n'), '').split('\n')).toEqual([
      'LookupError: Error getting the version from source `vcs`',
      'Make sure that this is a repository.',
    ]);
  });

  test('falls back to the last lines of whatever was said', () => {
    expect(failureReason('', 'one\ntwo\n')).toBe('one\ntwo');
    expect(failureReason('', '')).toBe('');
  });
});
