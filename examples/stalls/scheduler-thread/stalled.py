"""Cleans up once now and then every hour, from a scheduler's thread that nobody ends."""
import sched
import threading
import time


def clean(scheduler):
    print("cleaned", flush=True)
    scheduler.enter(3600, 1, clean, (scheduler,))


def main():
    scheduler = sched.scheduler(time.monotonic, time.sleep)
    scheduler.enter(0, 1, clean, (scheduler,))
    threading.Thread(target=scheduler.run, name="cleaner").start()


if __name__ == "__main__":
    main()
