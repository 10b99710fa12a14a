"""Keeps a big table, a journal and a busy background thread, which is joined before the end."""
import atexit
import logging
import threading


class Table:
    def __init__(self, entries):
        self.rows = [[number] for number in range(entries)]

    def close(self):
        pass


class Journal(logging.NullHandler):
    def __del__(self):
        self.gone = True


def poll(stop):
    while not stop.is_set():
        pass


def main():
    logging.getLogger("journal").addHandler(Journal())
    atexit.register(Table(1_000_000).close)
    stop = threading.Event()
    thread = threading.Thread(target=poll, args=(stop,), daemon=True)
    thread.start()
    print("done", flush=True)
    stop.set()
    thread.join()


if __name__ == "__main__":
    main()
