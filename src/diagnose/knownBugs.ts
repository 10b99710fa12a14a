/**
 * Faults of CPython and of libraries that can be told by version and stack. Each is a cause of its own, or a more
 * special one under the slug of a general one.
 */

/** 3.9.x, never fixed; 3.10 before 3.10.8; 3.11.0. */
export function affectedBy96387(version: readonly [number, number, number] | null): boolean {
  if (version === null || version[0] !== 3) return false;
  const [, minor, micro] = version;
  return minor === 9 || (minor === 10 && micro < 8) || (minor === 11 && micro === 0);
}

export const GIL_DROP_96387 = {
  slug: 'gil-drop-96387',
  about:
    'CPython issue 96387. A background thread asks for the GIL while the main thread frees a big object graph in one long stretch of C. Finalization has begun, so the thread exits, and leaves its request behind. The next Python code that the main thread runs (any `__del__`) sees the request, gives the GIL away, and waits for a switch that no thread is left to make. Python 3.9.x, 3.10.0 to 3.10.7 and 3.11.0 have it.',
  remedy:
    "Upgrade to Python 3.10.8, 3.11.1 or later (3.9 was never fixed), or stop and join background threads before the end. The venv layout avoids PEX's own destructor (`--venv prepend --sh-boot --venv-site-packages-copies`), but any other `__del__` can be the next victim.",
} as const;

export const THREAD_IN_DEL_87950 = {
  slug: 'del-handler',
  about:
    'CPython issue 87950. A `__del__` starts a thread while the interpreter ends. The thread can never begin, and `Thread.start` waits until it has. Since Python 3.12 it raises an error instead.',
  remedy:
    'Start no thread in `__del__`, nor what starts one (a timer, an executor): clean up in `close()` and use the object by `with`. With Python 3.12 or later it fails instead of waiting.',
} as const;

export const AIOSQLITE_OPEN = {
  slug: 'queue-consumer',
  about:
    'aiosqlite issues 299 and 369. Each of its connections has a thread that is no daemon and waits for work until the connection is closed.',
  remedy:
    'Close each connection before the event loop ends:\n    async with aiosqlite.connect(path) as db:\n        ...\nor `await db.close()`; with SQLAlchemy: `await engine.dispose()`.',
} as const;

export const TQDM_MONITOR = {
  slug: 'atexit-handler',
  about:
    "tqdm issue 469 and pull request 1751. At exit tqdm joins its monitor thread, which may itself wait for tqdm's lock: one that a forked child took and never gave back, or that its own thread holds.",
  remedy:
    'Do without the monitor, before the first bar is made:\n    tqdm.tqdm.monitor_interval = 0\nClose bars by `with tqdm(...) as bar:`, and start processes by spawn, not by fork, while one is open.',
} as const;
