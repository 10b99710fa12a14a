"""Ends the background thread that has the lock before the state is saved at exit."""
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
    started, changes = threading.Event(), threading.Event()
    thread = threading.Thread(target=synchronise, args=(started, changes), daemon=True)
    thread.start()
    started.wait()
    print("worked")
    changes.set()
    thread.join()


if __name__ == "__main__":
    main()
