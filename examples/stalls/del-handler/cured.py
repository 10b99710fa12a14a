"""A recorder that is stopped by close(), which brings the tape to rest."""
import contextlib
import threading


class Recorder:
    def __init__(self):
        self.at_rest = threading.Event()

    def close(self):
        self.at_rest.set()
        self.at_rest.wait()


def main():
    with contextlib.closing(Recorder()):
        print("recorded")


if __name__ == "__main__":
    main()
