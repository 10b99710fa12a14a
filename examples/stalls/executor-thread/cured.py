"""Asks a machine for its load from a pool of threads. The job itself gives up in time."""
import concurrent.futures
import socket

MACHINE, ASKER = socket.socketpair()
ASKER.settimeout(0.2)


def ask_load():
    ASKER.sendall(b"load?")
    return ASKER.recv(16)


def main():
    pool = concurrent.futures.ThreadPoolExecutor(2)
    answer = pool.submit(ask_load)
    try:
        print(answer.result())
    except OSError:
        print("no answer")


if __name__ == "__main__":
    main()
