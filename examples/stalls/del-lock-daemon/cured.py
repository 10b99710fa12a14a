"""A log handler that takes its lock in close(), after the thread that has it was stopped and joined."""
import logging
import threading
import time


class SpoolHandler(logging.Handler):
    def __init__(self):
        super().__init__()
        self.spool = threading.Lock()

    def close(self):
        with self.spool:
            super().close()


def drain(spool, busy, stop):
    with spool:
        busy.set()
        while not stop.is_set():
            time.sleep(0.05)


def main():
    handler = SpoolHandler()
    logging.getLogger("spool").addHandler(handler)
    busy, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=drain, args=(handler.spool, busy, stop), daemon=True)
    thread.start()
    busy.wait()
    print("spooled")
    stop.set()
    thread.join()


if __name__ == "__main__":
    main()
