"""Sends its output through a pager of its own, which stops reading. The last lines are still in the buffer."""
import os
import subprocess
import sys

PAGER = "import time; time.sleep(3600)"


def main():
    pager = subprocess.Popen([sys.executable, "-c", PAGER], stdin=subprocess.PIPE, stdout=sys.stderr)
    os.dup2(pager.stdin.fileno(), sys.stdout.fileno())
    room = 65536
    while room > 0:
        room -= os.write(sys.stdout.fileno(), b"." * min(room, 4096))
    sys.stdout.write("the last lines\n")


if __name__ == "__main__":
    main()
