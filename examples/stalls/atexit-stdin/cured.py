"""Keeps its window open at the end, if there is a person who could press a key."""
import atexit
import sys


@atexit.register
def keep_window_open():
    if sys.stdin.isatty():
        input("press Enter to close")


def main():
    print("converted")


if __name__ == "__main__":
    main()
