"""Pipes its output to a filter and waits for it at exit. The filter waits for the end of its input."""
import atexit
import subprocess
import sys

FILTER = subprocess.Popen(
    [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
)


@atexit.register
def wait_for_filter():
    FILTER.wait()


def main():
    FILTER.stdin.write(b"some output")
    print("filtered")


if __name__ == "__main__":
    main()
