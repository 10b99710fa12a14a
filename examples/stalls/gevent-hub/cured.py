"""Polls a queue in a greenlet of gevent, which is killed when the work is over."""
from gevent import monkey

monkey.patch_all()

import time

import gevent


def poll():
    while True:
        time.sleep(0.1)


def main():
    poller = gevent.spawn(poll)
    time.sleep(0.2)
    print("polled")
    gevent.killall([poller])


if __name__ == "__main__":
    main()
