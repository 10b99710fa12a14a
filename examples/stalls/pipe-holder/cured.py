"""Starts a daemon that lives on for a moment, with an output of its own."""
import subprocess
import sys


def main():
    subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(1)"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    print("the daemon is up")


if __name__ == "__main__":
    main()
