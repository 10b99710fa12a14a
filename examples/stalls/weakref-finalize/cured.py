"""Uploads its last figures while it still runs, with a limit on the receipt."""
import socket
import weakref

SERVER, CLIENT = socket.socketpair()
CLIENT.settimeout(0.2)


class Figures:
    def __init__(self):
        self.finalizer = weakref.finalize(self, upload, CLIENT)
        self.finalizer.atexit = False

    def close(self):
        self.finalizer()


def upload(client):
    client.sendall(b"figures")
    try:
        client.recv(16)
    except OSError:
        print("no receipt")


FIGURES = Figures()


def main():
    print("measured")
    FIGURES.close()


if __name__ == "__main__":
    main()
