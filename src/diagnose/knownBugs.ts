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

export const DAEMON_JOINED_87135 = {
  slug: 'del-handler',
  about:
    'CPython issues 87135 and 123940. A `__del__` joins a daemon thread while the interpreter ends. Daemon threads are frozen by then: this one can never end, and `join` waits until it has. Seen with Python 3.8 and 3.13; Python 3.14 raises an error instead.',
  remedy:
    'Join the thread before the end, in `close()`, and use the object by `with`; in `__del__` join nothing, or with a limit:\n    thread.join(timeout=1)',
} as const;

/** Since the parameter is there; fixed in July 2026 for 3.13 and later. */
export function has115634(version: readonly [number, number, number] | null): boolean {
  return version !== null && version[0] === 3 && version[1] >= 11;
}

export const POOL_WITHOUT_WORKERS_115634 = {
  slug: 'executor-process',
  about:
    'CPython issue 115634. A `ProcessPoolExecutor` with `max_tasks_per_child` of 2 or more forgets to start a new process when one has done its number of jobs. The jobs that are left are never done. Python 3.11 and later have it; 3.13 and later were mended in July 2026.',
  remedy:
    'Leave `max_tasks_per_child` out, set it to 1, which works, or use the other pool:\n    multiprocessing.Pool(processes, maxtasksperchild=100)\nor upgrade to a release of Python 3.13 or later from after July 2026.',
} as const;

export const OPENTELEMETRY_EXPORT = {
  slug: 'atexit-handler',
  about:
    "opentelemetry-python issue 2284. At exit the SDK joins the thread that exports what is left, in older versions without a limit. Where the collector can't be reached, the exporter tries again and again.",
  remedy:
    'Flush with a limit of your own, instead of the one at exit:\n    provider = TracerProvider(shutdown_on_exit=False)\n    atexit.register(provider.force_flush, 5000)  # milliseconds\nand give the exporter a timeout; where no collector runs, set OTEL_SDK_DISABLED=true.',
} as const;

/** 3.12.10 and later, 3.13.3 to 3.13.13, 3.14.0 to 3.14.4. */
export function has146313(version: readonly [number, number, number] | null): boolean {
  if (version === null || version[0] !== 3) return false;
  const [, minor, micro] = version;
  return (
    (minor === 12 && micro >= 10) || (minor === 13 && micro >= 3 && micro < 14) || (minor === 14 && micro < 5)
  );
}

export const TRACKER_146313 = {
  slug: 'del-handler',
  about:
    "CPython issue 146313. At the end Python waits for the resource tracker of `multiprocessing`, the process that clears up shared memory and locks. The tracker ends when nobody holds its pipe any more, and a child of `os.fork()` has got it, too. Python 3.12.10 and later, 3.13.3 to 3.13.13 and 3.14.0 to 3.14.4 have it; 3.12 won't be mended.",
  remedy:
    'Upgrade to Python 3.13.14, 3.14.5 or later; or end the forked child, and wait for it, before the end:\n    os.kill(child, signal.SIGTERM)\n    os.waitpid(child, 0)\nor start it by `subprocess`, which hands on no pipe.',
} as const;
