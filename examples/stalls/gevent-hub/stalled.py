"""Polls a queue in a thread that gevent has made a greenlet. Nobody ends it, and the hub runs on."""
from gevent import monkey

monkey.patch_all()

import threading
import time


def poll():
    while True:
        time.sleep(0.1)


def main():
    threading.Thread(target=poll).start()
    time.sleep(0.2)
    print("polled")


if __name__ == "__main__":
    main()
