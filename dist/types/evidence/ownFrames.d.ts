import type { Frame } from '../report/model.ts';
/** The probe's, around the interpreter's own: they say nothing about the program. */
export declare function isOwnFrame({ file }: Pick<Frame, 'file'>): boolean;
