"""A client that says goodbye when its with block ends, and waits for the answer with a limit."""
import socket


class Client:
    def __init__(self):
        self.server, self.connection = socket.socketpair()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.settimeout(0.2)
        self.connection.sendall(b"bye")
        try:
            self.connection.recv(16)
        except OSError:
            print("no answer")


def main():
    with Client():
        print("talked")


if __name__ == "__main__":
    main()
