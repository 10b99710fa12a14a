"""Pauses its helpers to save power, the manager of its shared data among them. A proxy says goodbye to it."""
import multiprocessing
import os
import signal

KEEP = []


def pause_helpers():
    for child in multiprocessing.active_children():
        os.kill(child.pid, signal.SIGSTOP)


def main():
    manager = multiprocessing.Manager()
    shared = manager.list([1, 2, 3])
    KEEP.extend([manager, shared])
    print(sum(shared))
    pause_helpers()


if __name__ == "__main__":
    main()
