import { accept, scalar } from './valueType.ts';

/** `^` and `$` stand for lines: the program's whole output is searched. */
export const regex = scalar<RegExp>({
  label: 'regular expression',
  takes: 'a regular expression',
  parse: (text) => {
    try {
      return accept(new RegExp(text, 'm'));
    } catch (error) {
      const reason = error instanceof SyntaxError ? (error.message.split(': ').at(-1) ?? '') : '';
      return { ok: false, takes: `a regular expression, and this is none (${reason})` };
    }
  },
  show: (value) => value.source,
  schema: { type: 'string', format: 'regex' },
});
