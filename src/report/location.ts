import type { Frame, Guilty } from './model.ts';
import { printable } from './text.ts';

// Up to and with the folder that a library is imported from: what follows is what people know it by.
const IMPORT_ROOT =
  /^.*\/(?:site-packages|dist-packages|lib-dynload|lib(?:64)?\/python\d[.\d]*t?|\.bootstrap|installed_wheels\/(?:\d+\/)?[^/]+\/[^/]+\.whl|user_code\/(?:\d+\/)?[^/]+)\//u;

/** A file's path below the folder that it is imported from, where the path shows one. */
export function shortFile(file: string): string {
  return file.replace(IMPORT_ROOT, '');
}

/** `threading.py:1012`, `requests/sessions.py:4`, `src/app/worker.py:31`; always one printable line. */
export function location(frame: Frame | Guilty): string {
  const source = 'source' in frame ? frame.source : null;
  if (source !== null) return printable(`${source.path}:${source.line}`);
  if (frame.file === null) return frame.native === true ? '(native)' : '(unknown file)';
  const file = printable(shortFile(frame.file));
  return frame.line === null || (frame.native === true && frame.line === 0) ? file : `${file}:${frame.line}`;
}

/** Whether both are the same place in the program, whichever tool told of them. */
export function sameFrame(a: Frame, b: Frame): boolean {
  return (
    a.function === b.function &&
    a.file === b.file &&
    (a.line === b.line || a.line === null || b.line === null)
  );
}
