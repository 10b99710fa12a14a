"""Saves its state at exit under a lock that a background thread took for good."""
import atexit
import threading

STATE = threading.Lock()


def synchronise(started, changes):
    with STATE:
        started.set()
        changes.wait()


@atexit.register
def save():
    with STATE:
        print("saved")


def main():
    started = threading.Event()
    threading.Thread(target=synchronise, args=(started, threading.Event()), daemon=True).start()
    started.wait()
    print("worked")


if __name__ == "__main__":
    main()
