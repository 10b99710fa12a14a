/** Faults of CPython itself that can be told by version and stack. One more is one more entry, and a cause. */
export const GIL_DROP_96387 = {
  slug: 'gil-drop-96387',
  about:
    'CPython issue 96387. A background thread asks for the GIL while the main thread frees a big object graph in one long stretch of C. Finalization has begun, so the thread exits, and leaves its request behind. The next Python code that the main thread runs (any `__del__`) sees the request, gives the GIL away, and waits for a switch that no thread is left to make. Python 3.9.x, 3.10.0 to 3.10.7 and 3.11.0 have it.',
  remedy:
    "Upgrade to Python 3.10.8, 3.11.1 or later (3.9 was never fixed), or stop and join background threads before the end. The venv layout avoids PEX's own destructor (`--venv prepend --sh-boot --venv-site-packages-copies`), but any other `__del__` can be the next victim.",
} as const;

/** 3.9.x, never fixed; 3.10 before 3.10.8; 3.11.0. */
export function affectedBy96387(version: readonly [number, number, number] | null): boolean {
  if (version === null || version[0] !== 3) return false;
  const [, minor, micro] = version;
  return minor === 9 || (minor === 10 && micro < 8) || (minor === 11 && micro === 0);
}
