"""Marks when an interpreter starts and ends, and lets it be asked for its stacks. CPython 3.8 to 3.13 (3.14: untried).

Loaded into other people's programs: each failure is silent, no costly module (signal, ctypes) is imported.
"""

import os
import sys


def _try(step, *arguments, failure=Exception):
    try:
        return step(*arguments)
    except failure:
        return None


def _high(descriptor):
    """Out of the way of programs that count on low numbers, and not inherited by what they start."""
    from fcntl import F_DUPFD_CLOEXEC as duplicate, fcntl
    high = _try(fcntl, descriptor, duplicate, 941) or _try(fcntl, descriptor, duplicate, 41)
    if high:
        os.close(descriptor)
    return high or descriptor


def _marker(path):
    # The last mark is made when modules and builtins are gone: what it needs is bound here.
    from os import close, fstat, getpid, open, write
    from time import CLOCK_MONOTONIC, clock_gettime_ns
    attempt, flags = _try, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    kept = _high(open(path, flags))
    device_and_inode = fstat(kept)[1:3]

    def mark(name):
        line = b"%d %d %s\n" % (getpid(), clock_gettime_ns(CLOCK_MONOTONIC), name)
        descriptor = attempt(open, path, flags)
        if descriptor is not None:
            attempt(write, descriptor, line)
            close(descriptor)
        # After chroot or setuid, or with no number left for a new one. This number may be another file's by now.
        elif (attempt(fstat, kept) or ())[1:3] == device_and_inode:
            attempt(write, kept, line)
    return mark


def _awaited(threads):
    """` [native id=first bytes of the name,...]` of the newest threads that are no daemons. enumerate() takes a lock."""
    alive = [one for one in list(threads._active.values()) if not one.daemon and one.ident != threads.get_ident()]
    words = ["%d=%s" % (one.native_id, one.name.encode("utf-8", "replace")[:24].hex()) for one in alive[-40:]]
    return b" [%s]" % ",".join(words).encode()


def _mark_the_end(mark):
    import atexit
    import threading
    shutdown = threading._shutdown
    def _shutdown(*args):
        mark(b"threading-shutdown" + (_try(_awaited, threading) or b""))
        try:
            return shutdown(*args)
        finally:
            mark(b"atexit")

    def finalization():
        mark(b"finalization")
        version = sys.version_info[:3]
        # With CPython issue 96387 Python code that runs this late can itself be what waits for ever.
        if not ((3, 9) <= version < (3, 10, 8) or version == (3, 11, 0)):
            sys.addaudithook(lambda event, _: event == "cpython.PyInterpreterState_Clear" and mark(b"interp-clear"))

    atexit.register(finalization)
    threading._shutdown = _shutdown
    # gevent's own on 3.13 calls ours last, when all threads have ended; but first it gives main another handle.
    threading._MainThread.__setattr__ = lambda *what: object.__setattr__(*what) or what[1].endswith("_handle") \
        and sys._getframe(1).f_code.co_name == "_shutdown" and mark(b"threading-shutdown")


def _dump_on_signal(folder, number):
    import faulthandler
    def own_file():
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open("%s/%d" % (folder, os.getpid()), flags, 0o644)

    def in_child():
        descriptor = own_file()
        os.dup2(descriptor, registered, False)
        os.close(descriptor)

    registered = _high(own_file())
    faulthandler.register(number, registered, all_threads=True, chain=False)
    # A number so high is hardly ever given to another file: what a crash writes is not looked after.
    registered < 41 or faulthandler.is_enabled() or faulthandler.enable(registered)
    os.register_at_fork(after_in_child=lambda: _try(in_child))


def _allow_tracing():
    import _ctypes
    # PR_SET_PTRACER, PR_SET_PTRACER_ANY: yama's scope 1 refuses siblings.
    _ctypes.call_function(_ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl"), (0x59616D61, -1, 0, 0, 0))


def _in_subinterpreter(number):
    # The main interpreter has the signal by then; a program that exec started has not.
    with open("/proc/self/status", "rb") as status:
        caught = next(line for line in status if line.startswith(b"SigCgt:"))
    return int(caught[7:], 16) >> (number - 1) & 1


def _give_back_user_site(own_folder):
    import site
    if not (site.USER_SITE or "").startswith(own_folder):
        return
    taken = os.environ.pop("PYTHONUSERBASE")
    if "EXITPROOF_USERBASE" in os.environ:
        os.environ["PYTHONUSERBASE"] = os.environ["EXITPROOF_USERBASE"]
    site.USER_BASE = site.USER_SITE = None
    user_site = site.getusersitepackages()
    # What the program starts finds the probe by it.
    os.environ["PYTHONUSERBASE"] = taken
    site.ENABLE_USER_SITE = "EXITPROOF_NOUSERSITE" not in os.environ
    if site.ENABLE_USER_SITE and os.path.isdir(user_site):
        site.addsitedir(user_site)


def _load():
    own_folder, marks, dumps, number = os.environ["EXITPROOF_PROBE"].split(os.pathsep)
    sys.path[:] = [entry for entry in sys.path if not str(entry).startswith(own_folder)]
    if not _try(_in_subinterpreter, int(number)):
        if mark := _try(_marker, marks):
            mark(b"start [%d.%d.%d]" % sys.version_info[:3])
            _try(_mark_the_end, mark)
        _try(_dump_on_signal, dumps, int(number))
        if "EXITPROOF_PTRACER" in os.environ:
            _try(_allow_tracing)
    _try(_give_back_user_site, own_folder)


_try(_load)
