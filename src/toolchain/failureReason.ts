import { hashesInOneLine } from './hashMismatch.ts';

const LIMIT = 12;
const LINE_LIMIT = 500;

/**
 * Why a tool failed, in its own words: all of pip's `ERROR:` lines, or the heart of a failed build, or the last
 * lines of what it said. Never only the last line, which mostly says that something failed.
 */
export function failureReason(stderr: string, stdout: string): string {
  const lines = hashesInOneLine(plainLines(stderr));
  const closed = unreachable(stderr);
  const errors = [...closed, ...lines.map(errorText).filter((line) => line !== null)];
  const inner = innerOutput(lines);
  const telling = unique(
    inner.length > 0 ? [...inner, ...errors.filter(isTelling)] : errors.filter(isTelling),
  );
  if (closed.length > 0 && telling.every((line) => closed.includes(line) || blamesVersion(line))) {
    return bounded(closed);
  }
  if (telling.length > 0) return bounded(telling.slice(0, LIMIT));
  if (errors.length > 0) return bounded(unique(errors).slice(0, LIMIT));
  const said = lines.length > 0 ? lines : plainLines(stdout);
  return bounded(exceptionIn(said) ?? said.slice(-LIMIT));
}

/** What the reason of an index that could not be reached begins with. */
export const UNREACHABLE = 'the index could not be reached';

/** pip says only in a warning that no connection was made; its error then blames the version. */
function unreachable(stderr: string): string[] {
  const reason = /WARNING: Retrying .*?after connection broken by '(.*)': (\S+)$/m.exec(stderr);
  const [, detail, path] = reason ?? [];
  if (detail === undefined || path === undefined) return [];
  const [, host, port] = /host='([^']+)', port=(\d+)/.exec(detail) ?? [];
  const where = host === undefined ? path : `${host}:${port}${path}`;
  const through = /ProxyError/.test(detail) ? ' through its proxy' : '';
  return [`${UNREACHABLE}${through} (${where}): ${/: ([^:]+?)['")]*$/.exec(detail)?.[1] ?? detail}`];
}

/** Where nothing came from the index, it follows that there is no such version. */
function blamesVersion(line: string): boolean {
  return /^(?:ERROR: )?(?:Could not find a version|No matching distribution)/.test(line);
}

function plainLines(text: string): string[] {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: tools colour their output even where asked not to.
      .replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      .split(/\r?\n/)
      .map((line) => line.trimEnd().replace(/\(from versions: (.+)\)$/, newestVersions))
      .filter(
        (line) => line !== '' && !/^\s*(WARNING|DEPRECATION|NOTE|\[notice\]|Looking in \w+:)/.test(line),
      )
  );
}

/** Hundreds of versions say no more than the newest few. */
function newestVersions(all: string, list: string): string {
  const versions = list.split(', ');
  return versions.length <= 5 ? all : `(from versions: …, ${versions.slice(-5).join(', ')})`;
}

function errorText(line: string): string | null {
  if (/^ERROR: Ignored the following/.test(line)) return null;
  return /^(?:ERROR|error|pex: error|pex error):\s*(.+)$/.exec(line)?.[1] ?? null;
}

/** Lines that say only that another program failed, whose reason stands elsewhere. */
function isTelling(line: string): boolean {
  return !/^(?:subprocess-exited-with-error|metadata-generation-failed|Failed to build|Exception:?$|failed-wheel-build|command .* failed|.*ld returned)/.test(
    line,
  );
}

/** The output of a build backend, which pip frames: `╰─> [9 lines of output]` … `[end of output]`. */
function innerOutput(lines: readonly string[]): string[] {
  const begin = lines.findIndex((line) => /[╰>]─?>? \[\d+ lines? of output\]/.test(line));
  if (begin < 0) return [];
  const length = lines.slice(begin + 1).findIndex((line) => /\[end of output\]/.test(line));
  const block = lines.slice(begin + 1, length < 0 ? undefined : begin + 1 + length);
  const text = block.map((line) => line.trim()).filter((line) => line !== '');
  const exception = exceptionIn(text);
  if (exception === null) return errorsIn(text) ?? text.slice(-6);
  // That a program failed: why, it has said itself, above the traceback.
  const said = ENDED_BADLY.test(exception[0] ?? '') ? text.slice(0, text.indexOf(TRACEBACK)) : [];
  return [...(errorsIn(said) ?? said.slice(-6)), ...exception];
}

/** What setuptools, pip, compilers and linkers call an error, without the advice around it; null where nothing is. */
function errorsIn(lines: readonly string[]): string[] | null {
  const errors = lines
    .map((line) => errorText(line) ?? (/^\S+: (?:fatal )?error:? /i.test(line) ? line : null))
    .filter((line) => line !== null);
  return errors.some(isTelling) ? errors.filter(isTelling).slice(0, 6) : null;
}

const TRACEBACK = 'Traceback (most recent call last):';
const ENDED_BADLY = /^subprocess\.CalledProcessError:/;

/** The last exception that Python has printed, with all of its message; null where there was none. */
function exceptionIn(lines: readonly string[]): string[] | null {
  if (!lines.some((line) => line.trim() === TRACEBACK)) return null;
  const last = lines.findLastIndex((line) =>
    /^(?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt)(?::|$)/.test(line),
  );
  return last < 0 ? null : lines.slice(last, last + LIMIT);
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

function bounded(lines: readonly string[]): string {
  return lines.map((line) => (line.length > LINE_LIMIT ? `${line.slice(0, LINE_LIMIT)}…` : line)).join('\n');
}
