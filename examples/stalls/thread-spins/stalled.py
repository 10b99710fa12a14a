"""Estimates pi by chance. The thread that throws the darts goes on when the answer is good enough."""
import random
import threading
import time


def throw(darts):
    while True:
        darts[0] += 1
        darts[1] += random.random() ** 2 + random.random() ** 2 < 1


def main():
    darts = [0, 0]
    threading.Thread(target=throw, args=(darts,), name="darts").start()
    time.sleep(0.2)
    print(4 * darts[1] / darts[0])


if __name__ == "__main__":
    main()
