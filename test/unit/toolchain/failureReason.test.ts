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
    expect(failureReason(stderr, '').split('\n')[0]).toMatch(/could not be reached.*Connection refused/);
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
