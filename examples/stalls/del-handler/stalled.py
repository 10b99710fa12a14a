"""A recorder whose __del__ waits until the tape has come to rest."""
import threading


class Recorder:
    def __init__(self):
        self.at_rest = threading.Event()

    def __del__(self):
        self.at_rest.wait()


RECORDER = Recorder()


def main():
    print("recorded")


if __name__ == "__main__":
    main()
