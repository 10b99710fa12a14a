"""Reports an error of a thread to a collector, and gives it a moment to answer."""
import socket
import threading

COLLECTOR, REPORTER = socket.socketpair()
REPORTER.settimeout(0.2)


def report_excepthook(args):
    try:
        REPORTER.sendall(repr(args.exc_value).encode())
        REPORTER.recv(1)
    except OSError:
        print("the collector did not answer")


def work():
    raise ValueError("not a number")


def main():
    threading.excepthook = report_excepthook
    threading.Thread(target=work).start()
    print("working")


if __name__ == "__main__":
    main()
