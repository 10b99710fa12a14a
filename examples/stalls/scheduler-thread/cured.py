"""Cleans up once now and then every hour, until the scheduler is told to stop."""
import sched
import threading
import time


def clean(scheduler):
    print("cleaned", flush=True)
    scheduler.enter(3600, 1, clean, (scheduler,))


def main():
    stop = threading.Event()
    scheduler = sched.scheduler(time.monotonic, stop.wait)
    scheduler.enter(0, 1, clean, (scheduler,))
    thread = threading.Thread(target=scheduler.run, name="cleaner")
    thread.start()
    time.sleep(0.1)
    for event in scheduler.queue:
        scheduler.cancel(event)
    stop.set()
    thread.join()


if __name__ == "__main__":
    main()
