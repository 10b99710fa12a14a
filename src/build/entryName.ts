import type { Entry } from './model.ts';

/** What a user would call it: the script, `module:function`, the file or the module. */
export function entryName(entry: Entry): string {
  switch (entry.kind) {
    case 'script':
    case 'module':
      return entry.name;
    case 'function':
      return entry.target;
    case 'file':
      return entry.path;
  }
}
