"""Asks a machine for its load from a pool of threads. It never answers, and the pool waits for the job."""
import concurrent.futures
import socket

MACHINE, ASKER = socket.socketpair()


def ask_load():
    ASKER.sendall(b"load?")
    return ASKER.recv(16)


def main():
    pool = concurrent.futures.ThreadPoolExecutor(2)
    answer = pool.submit(ask_load)
    try:
        print(answer.result(timeout=0.2))
    except concurrent.futures.TimeoutError:
        print("no answer")


if __name__ == "__main__":
    main()
