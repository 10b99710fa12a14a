"""Starts a daemon that lives on, with this program's own stdout and stderr."""
import subprocess
import sys


def main():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("the daemon is up")


if __name__ == "__main__":
    main()
