import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkStaysInside, unsafePath } from '../../../src/layout/paths.ts';
import { fillIn, type Places, tokenise } from '../../../src/layout/tokens.ts';

const HERE: Places = { layout: '/here/layout', python: '/usr/bin/python3.12', home: '/usr/bin' };
const THERE: Places = { layout: '/somewhere/else', python: '/opt/py/bin/python3', home: '/opt/py/bin' };

const moved = (path: string, text: string, to = THERE): string => {
  const outcome = tokenise(path, Buffer.from(text), HERE);
  return outcome.kind === 'tokenised' ? fillIn(outcome.bytes, to).toString() : outcome.kind;
};

describe('paths in a file', () => {
  it('of any bytes come back as they were', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0))),
      fc
        .constantFrom('/here/layout', '/usr/bin/python3.12', '/usr/bin', '\n')
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('pyvenv.cfg', 'bin/x'), (parts, path) => {
        const bytes = Buffer.concat(parts);
        const outcome = tokenise(path, bytes, HERE);
        if (outcome.kind === 'tokenised') expect(fillIn(outcome.bytes, HERE).equals(bytes)).toBe(true);
      }),
    );
  });

  it('follow the layout', () => {
    expect(moved('bin/x', '#!/here/layout/bin/python -I')).toBe('#!/somewhere/else/bin/python -I');
    expect(moved('bin/x', 'VIRTUAL_ENV="/here/layout"')).toBe('VIRTUAL_ENV="/somewhere/else"');
    expect(moved('x', 'file:///here/layout/a /here/layout.')).toBe(
      'file:///somewhere/else/a /somewhere/else.',
    );
  });

  it('of other folders, whose names only begin or end alike, stay', () => {
    for (const text of ['/here/layout2', '/here/layout.old', '/here/layout-b', '/mnt/here/layout']) {
      expect(moved('x', text)).toBe('unchanged');
    }
  });

  it('name the interpreter in pyvenv.cfg alone: elsewhere /usr/bin is the folder of env', () => {
    const config = 'home = /usr/bin\nexecutable = /usr/bin/python3.12\n';
    expect(moved('pyvenv.cfg', config)).toBe('home = /opt/py/bin\nexecutable = /opt/py/bin/python3\n');
    expect(moved('bin/x', '#!/usr/bin/env python\n')).toBe('unchanged');
  });

  it('with characters that mean something to a pattern or a replacement are taken literally', () => {
    const odd: Places = { ...HERE, layout: '/a+b/(c)$&' };
    const outcome = tokenise('x', Buffer.from('/a+b/(c)$&/bin'), odd);
    expect(outcome.kind).toBe('tokenised');
    if (outcome.kind !== 'tokenised') return;
    expect(fillIn(outcome.bytes, { ...THERE, layout: '/$1/é' }).toString()).toBe('/$1/é/bin');
  });
});

describe('a path from an archive', () => {
  it('is plain, or refused', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '..', '.', '', '\\', '\0', 'C:'), { maxLength: 5 }),
        (segments) => {
          const path = segments.join('/');
          const plain = segments.length > 0 && segments.every((segment) => segment === 'a');
          const odd =
            segments.length > 1 &&
            segments[0] === 'a' &&
            segments.slice(1).every((s) => s === 'a' || s === 'C:');
          expect(unsafePath(path) === null).toBe(plain || odd);
        },
      ),
    );
  });
});

describe('a relative link', () => {
  it('stays inside wherever a file system without other links would find it inside', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', '..', '.'), { minLength: 1, maxLength: 6 }),
        (segments) => {
          const target = segments.join('/');
          const resolved = new URL(target, 'file:///1/2/top/d/e/').pathname;
          if (linkStaysInside('d/e/link', target)) expect(resolved).toMatch(/^\/1\/2\/top(\/|$)/);
        },
      ),
    );
  });
});
