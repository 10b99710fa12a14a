import type { Report } from './model.ts';

/** What `--report` writes: the whole report, for people to read too, with a newline at its end. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
