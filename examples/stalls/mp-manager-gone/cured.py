"""Drops its shared data, then shuts the manager down, then pauses what helpers are left."""
import multiprocessing
import os
import signal


def pause_helpers():
    for child in multiprocessing.active_children():
        os.kill(child.pid, signal.SIGSTOP)


def main():
    manager = multiprocessing.Manager()
    shared = manager.list([1, 2, 3])
    print(sum(shared))
    del shared
    manager.shutdown()
    pause_helpers()


if __name__ == "__main__":
    main()
