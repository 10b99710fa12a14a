"""Waits for a device in C, by a ctypes call that keeps the GIL. The rest of the program stands still."""
import ctypes
import threading
import time

LIBC = ctypes.PyDLL(None)


def wait_for_device():
    LIBC.sleep(3600)


def main():
    threading.Thread(target=wait_for_device, daemon=True).start()
    time.sleep(0.1)
    print("done")


if __name__ == "__main__":
    main()
