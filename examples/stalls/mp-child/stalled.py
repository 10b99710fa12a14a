"""Lets a child process watch a folder, and forgets about it."""
import multiprocessing
import time


def watch_folder():
    while True:
        time.sleep(0.5)


def main():
    multiprocessing.Process(target=watch_folder).start()
    print("watching")


if __name__ == "__main__":
    main()
