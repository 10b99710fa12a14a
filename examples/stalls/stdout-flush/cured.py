"""Sends its output through a pager of its own, which reads to the end, and waits for it."""
import os
import subprocess
import sys

PAGER = "import sys; print(len(sys.stdin.read()))"


def main():
    pager = subprocess.Popen([sys.executable, "-c", PAGER], stdin=subprocess.PIPE, stdout=sys.stderr)
    own = os.dup(sys.stdout.fileno())
    os.dup2(pager.stdin.fileno(), sys.stdout.fileno())
    pager.stdin.close()
    room = 65536
    while room > 0:
        room -= os.write(sys.stdout.fileno(), b"." * min(room, 4096))
    sys.stdout.write("the last lines\n")
    sys.stdout.flush()
    os.dup2(own, sys.stdout.fileno())
    pager.wait()


if __name__ == "__main__":
    main()
