import { resolve } from 'node:path';
import type { Stdin } from '../../watch/request.ts';
import { accept, scalar } from './valueType.ts';

/** What the program reads: nothing, a pipe that stays open, a file, or a text. */
export const stdin = scalar<Stdin>({
  label: 'empty | open | file:PATH | text:…',
  takes: 'empty, open, file:PATH or text:…',
  parse: (text) => {
    if (text === 'empty' || text === 'open') return accept({ kind: text });
    if (text.startsWith('text:')) return accept({ kind: 'text', text: text.slice(5) });
    if (text.startsWith('file:') && text.length > 5 && !text.includes('\0')) {
      return accept({ kind: 'file', path: text.slice(5) });
    }
    return { ok: false };
  },
  show: (value) => {
    if (value.kind === 'file') return `file:${value.path}`;
    return value.kind === 'text' ? `text:${value.text}` : value.kind;
  },
  rebase: (value, folder) =>
    value.kind === 'file' ? { kind: 'file', path: resolve(folder, value.path) } : value,
  schema: { type: 'string', pattern: '^(empty|open|file:[^\\0]+|text:[\\s\\S]*)$' },
});
