"""A log handler whose __del__ takes its lock, and a daemon thread that has it when the program ends."""
import logging
import threading
import time


class SpoolHandler(logging.Handler):
    def __init__(self):
        super().__init__()
        self.spool = threading.Lock()

    def __del__(self):
        with self.spool:
            pass


def drain(spool, busy):
    with spool:
        busy.set()
        while True:
            time.sleep(0.05)


def main():
    handler = SpoolHandler()
    logging.getLogger("spool").addHandler(handler)
    busy = threading.Event()
    threading.Thread(target=drain, args=(handler.spool, busy), daemon=True).start()
    busy.wait()
    print("spooled")


if __name__ == "__main__":
    main()
