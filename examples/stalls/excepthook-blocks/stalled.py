"""Reports an error of a thread to a collector, and waits for an answer that the collector never gives."""
import socket
import threading

COLLECTOR, REPORTER = socket.socketpair()


def report_excepthook(args):
    REPORTER.sendall(repr(args.exc_value).encode())
    REPORTER.recv(1)


def work():
    raise ValueError("not a number")


def main():
    threading.excepthook = report_excepthook
    threading.Thread(target=work).start()
    print("working")


if __name__ == "__main__":
    main()
