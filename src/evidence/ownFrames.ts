import type { Frame } from '../report/model.ts';

/** The probe's, around the interpreter's own: they say nothing about the program. */
export function isOwnFrame({ file }: Pick<Frame, 'file'>): boolean {
  return file?.endsWith('/exitproof_probe.py') ?? false;
}
