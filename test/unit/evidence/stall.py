"""Stays for ever, where its first argument says; prints a line when it is about to."""
import atexit
import ctypes
import faulthandler
import os
import signal
import sys
import threading
import time


def worker_waits():
    time.sleep(300)


def handler_waits():
    time.sleep(300)


def handler_vforks():
    if ctypes.CDLL(None).vfork() == 0:
        while True:
            signal.pause()


def spin():
    while True:
        pass


class Registry:
    def __del__(self, sleep=time.sleep):
        sleep(300)


def main(where):
    global registry
    if where == "thread":
        threading.Thread(target=worker_waits, name="worker\n::error::x").start()
    elif where == "many":
        for _ in range(300):
            threading.Thread(target=worker_waits).start()
    elif where == "atexit":
        atexit.register(handler_waits)
    elif where == "vfork":
        # A child with memory of its own, which looks the same.
        if os.fork() == 0:
            signal.pause()
        atexit.register(handler_vforks)
    elif where == "del":
        registry = Registry()
    elif where == "undumpable":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
        threading.Thread(target=worker_waits).start()
    elif where == "deaf":
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
        threading.Thread(target=worker_waits).start()
    elif where == "unregistered":
        faulthandler.unregister(int(os.environ["EXITPROOF_PROBE"].rpartition(":")[2]))
        threading.Thread(target=worker_waits).start()
    elif where == "closed":
        os.closerange(3, 4096)
        threading.Thread(target=worker_waits).start()
    elif where == "spin":
        print("ready", flush=True)
        spin()
    print("ready", flush=True)


main(sys.argv[1])
