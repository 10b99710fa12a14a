"""Squares some numbers under a heartbeat. Nobody tells the heartbeat that the work is over."""
import threading
import time


def heartbeat():
    while True:
        print("alive", flush=True)
        time.sleep(0.5)


def main():
    threading.Thread(target=heartbeat, name="heartbeat").start()
    print(sum(number * number for number in range(100_000)))


if __name__ == "__main__":
    main()
