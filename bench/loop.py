"""loop.py TIMES COMMAND...: the same without any watch."""
import os
import sys

times, command = int(sys.argv[1]), sys.argv[2:]
nowhere = os.open(os.devnull, os.O_RDWR)
for _ in range(times):
    files = [(os.POSIX_SPAWN_DUP2, nowhere, number) for number in (0, 1, 2)]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit(1)
