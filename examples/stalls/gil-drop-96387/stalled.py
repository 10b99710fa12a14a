"""Keeps a big table, a journal and a busy background thread. On the Pythons with issue 96387, the first Python
code after the table was freed, here the journal's __del__, waits for ever for the GIL."""
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


def poll():
    while True:
        pass


def main():
    logging.getLogger("journal").addHandler(Journal())
    atexit.register(Table(1_000_000).close)
    threading.Thread(target=poll, daemon=True).start()
    print("done", flush=True)


if __name__ == "__main__":
    main()
