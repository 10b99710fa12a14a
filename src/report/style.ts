type Style = (text: string) => string;

/** Meanings, not colours; without colour every one leaves the text as it is. */
export interface Paint {
  readonly good: Style;
  readonly bad: Style;
  readonly warn: Style;
  readonly bold: Style;
  readonly dim: Style;
}

export function painter(color: boolean): Paint {
  const style =
    (open: number, close: number): Style =>
    (text) =>
      color && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    good: style(32, 39),
    bad: style(31, 39),
    warn: style(33, 39),
    bold: style(1, 22),
    dim: style(2, 22),
  };
}
