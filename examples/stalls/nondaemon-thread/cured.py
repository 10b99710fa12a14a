"""Squares some numbers under a heartbeat, and stops it when the work is over."""
import threading


def heartbeat(stop):
    while not stop.wait(0.5):
        print("alive", flush=True)


def main():
    stop = threading.Event()
    thread = threading.Thread(target=heartbeat, args=(stop,), name="heartbeat")
    thread.start()
    print(sum(number * number for number in range(100_000)))
    stop.set()
    thread.join()


if __name__ == "__main__":
    main()
