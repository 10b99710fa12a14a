"""Pipes its output to a filter, closes its input at exit, and waits for it with a limit."""
import atexit
import subprocess
import sys

FILTER = subprocess.Popen(
    [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
)


@atexit.register
def wait_for_filter():
    FILTER.stdin.close()
    try:
        FILTER.wait(timeout=5)
    except subprocess.TimeoutExpired:
        FILTER.kill()


def main():
    FILTER.stdin.write(b"some output")
    print("filtered")


if __name__ == "__main__":
    main()
