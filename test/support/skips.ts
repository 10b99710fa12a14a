import type { TestContext } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * What a test needs and a machine may lack: `const path = need(context, 'Python 3.8', python('3.8'))`.
 * Skips the test with that name where it is null, so that the end of the test run can list what was not tried.
 */
export function need<T>(context: TestContext, what: string, found: T | null): T {
  if (found === null) return context.skip(`${what}: not on this machine`);
  return found;
}

/** The last line of a test run: how many tests were skipped, and for want of what. */
export function skipReporter(): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
      process.stdout.write(`${skipLine(skipped.map(reasonOf))}\n`);
    },
  };
}

/** `skipped: 3 (Python 3.8: not on this machine; gdb: not on this machine ×2)` */
export function skipLine(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'skipped: 0';
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, times]) => (times === 1 ? reason : `${reason} ×${times}`));
  return `skipped: ${reasons.length} (${parts.join('; ')})`;
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? test.fullName;
}
