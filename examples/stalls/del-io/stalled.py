"""A client whose __del__ says goodbye over the network and waits for the answer."""
import socket


class Client:
    def __init__(self):
        self.server, self.connection = socket.socketpair()

    def __del__(self):
        self.connection.sendall(b"bye")
        self.connection.recv(16)


CLIENT = Client()


def main():
    print("talked")


if __name__ == "__main__":
    main()
