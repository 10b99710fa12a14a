"""Logs to a server in batches. The last batch is sent at exit, and waits for its receipt a moment only."""
import logging
import socket

SERVER, CLIENT = socket.socketpair()
CLIENT.settimeout(0.2)


class BatchHandler(logging.Handler):
    def __init__(self):
        super().__init__()
        self.batch = []

    def emit(self, record):
        self.batch.append(self.format(record))

    def flush(self):
        if self.batch:
            CLIENT.sendall("\n".join(self.batch).encode())
            self.batch.clear()
            try:
                CLIENT.recv(16)
            except OSError:
                print("no receipt")


def main():
    logging.getLogger().addHandler(BatchHandler())
    logging.warning("the disk is nearly full")
    print("worked")


if __name__ == "__main__":
    main()
