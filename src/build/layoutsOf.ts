import type { BuiltLayout } from '../report/model.ts';

/** The layouts that each builder makes; the first where none is asked for. */
export const LAYOUTS_OF = {
  pex: ['venv', 'zipapp'],
  shiv: ['zipapp'],
  zipapp: ['zipapp'],
  pyinstaller: ['onedir', 'onefile'],
} as const satisfies Readonly<Record<string, readonly [BuiltLayout, ...BuiltLayout[]]>>;

export type BuilderName = keyof typeof LAYOUTS_OF;

export const BUILDERS = ['pex', 'shiv', 'zipapp', 'pyinstaller'] as const satisfies readonly BuilderName[];

/** Whether it is one file that is shipped, and not a folder with a program in it. */
export function isOneFile(layout: BuiltLayout): boolean {
  return layout === 'zipapp' || layout === 'onefile';
}
