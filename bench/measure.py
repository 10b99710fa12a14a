"""measure.py FILE COMMAND...: runs the command and writes what it used, with everything it waited for, to FILE.

Exact where a parent in Node can't be: wait4 gives the child's own CPU time and peak memory.
"""
import json
import os
import sys
import time

target, command = sys.argv[1], sys.argv[2:]
started = time.monotonic()
pid = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(pid, 0)
wall = time.monotonic() - started
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
with open(target, "w") as file:
    json.dump(
        {
            "wall": wall * 1000,
            "cpu": (used.ru_utime + used.ru_stime) * 1000,
            "peak": used.ru_maxrss / 1024,
            "code": code,
        },
        file,
    )
