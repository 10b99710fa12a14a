"""Estimates pi by chance, and stops the thread when the answer is good enough."""
import random
import threading
import time


def throw(darts, stop):
    while not stop.is_set():
        darts[0] += 1
        darts[1] += random.random() ** 2 + random.random() ** 2 < 1


def main():
    darts = [0, 0]
    stop = threading.Event()
    thread = threading.Thread(target=throw, args=(darts, stop), name="darts")
    thread.start()
    time.sleep(0.2)
    stop.set()
    thread.join()
    print(4 * darts[1] / darts[0])


if __name__ == "__main__":
    main()
