import { judgedRuns } from './counting.ts';
import { location } from './location.ts';
import type { Report } from './model.ts';
import { aboutRun, toldIn } from './reason.ts';
import { failureSentence } from './summarise.ts';
import { printable } from './text.ts';
import { worstRun } from './worst.ts';

/** Of why nothing was built. */
const LINES = 40;

export interface Annotation {
  readonly title: string;
  readonly message: string;
  /** Whatever the verdict is. */
  readonly level?: 'warning';
  /** Relative to the checkout. */
  readonly file?: string;
  readonly startLine?: number;
}

/** One for a verdict other than passed, on the guilty line where that is known, and one for each warning. */
export function annotations(report: Report): Annotation[] {
  const warnings = report.warnings.map(
    (warning): Annotation => ({
      title: 'exitproof: warning',
      message: printable(warning, 2000),
      level: 'warning',
    }),
  );
  return report.verdict === 'passed' ? warnings : [ofVerdict(report), ...warnings];
}

function ofVerdict(report: Report): Annotation {
  const where = report.phase === null ? '' : ` in ${report.phase}`;
  const title = `exitproof: ${report.verdict}${where}`;
  const worst = worstRun(judgedRuns(report));
  const diagnosis = worst?.diagnosis ?? null;
  const about = worst === null || worst.verdict === 'passed' ? '' : aboutRun(worst);
  const told = toldIn(report.summary, about) ? '' : about;
  const { failure } = report;
  const lead =
    failure !== null && failureSentence(failure.message) === report.summary
      ? failure.message.trim().split('\n').slice(0, LINES).join('\n')
      : report.summary;
  const message = [lead, told, diagnosis?.remedy ?? report.failure?.hint ?? ''].filter((part) => part !== '');
  const guilty = diagnosis?.guilty ?? null;
  if (guilty?.source === null)
    message.splice(told === '' ? 1 : 2, 0, `Guilty: ${guilty.function} at ${location(guilty)}`);
  if (guilty?.source?.exact === false) {
    message.push('The packaged file differs from this one, or carries no source: the line may be off.');
  }
  const text = message.flatMap((part) => part.split('\n')).map((line) => printable(line, 2000));
  const source = guilty?.source ?? null;
  return {
    title,
    message: text.join('\n'),
    ...(source === null ? {} : { file: source.path, startLine: source.line }),
  };
}
