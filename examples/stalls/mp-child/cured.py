"""Lets a child process watch a folder, and ends it when the work is over."""
import multiprocessing
import time


def watch_folder():
    while True:
        time.sleep(0.5)


def main():
    watcher = multiprocessing.Process(target=watch_folder)
    watcher.start()
    print("watching")
    watcher.terminate()
    watcher.join()


if __name__ == "__main__":
    main()
