import { defineConfig } from 'vitest/config';
import { skipReporter } from './test/support/skips.ts';

export default defineConfig({
  test: {
    reporters: ['default', skipReporter()],
    // Of tests that say they are concurrent: a few more than cores, for they mostly wait.
    maxConcurrency: 3,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Two cores: real builds side by side only slow each other down.
          fileParallelism: false,
        },
      },
    ],
  },
});
