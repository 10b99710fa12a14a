"""Keeps its window open at the end, for those who started it by a double click."""
import atexit


@atexit.register
def keep_window_open():
    input("press Enter to close")


def main():
    print("converted")


if __name__ == "__main__":
    main()
