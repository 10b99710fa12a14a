"""Spawns a child while another thread is writing the journal; the child has a lock of its own."""
import multiprocessing
import threading
import time

JOURNAL = threading.Lock()


def write(busy):
    with JOURNAL:
        busy.set()
        time.sleep(0.5)


def note(text):
    with JOURNAL:
        print(text, flush=True)


def main():
    busy = threading.Event()
    writer = threading.Thread(target=write, args=(busy,))
    writer.start()
    busy.wait()
    child = multiprocessing.get_context("spawn").Process(target=note, args=("from the child",))
    child.start()
    writer.join()
    child.join()


if __name__ == "__main__":
    main()
