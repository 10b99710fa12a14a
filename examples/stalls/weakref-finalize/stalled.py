"""Leaves the upload of its last figures to a weakref.finalize, which waits for a receipt at exit."""
import socket
import weakref

SERVER, CLIENT = socket.socketpair()


class Figures:
    def __init__(self):
        self.finalizer = weakref.finalize(self, upload, CLIENT)


def upload(client):
    client.sendall(b"figures")
    client.recv(16)


FIGURES = Figures()


def main():
    print("measured")


if __name__ == "__main__":
    main()
