"""Says goodbye to its server at exit, and waits for the server to say it, too."""
import atexit
import socket

LISTENER = socket.create_server(("127.0.0.1", 0))


def say_goodbye(connection):
    connection.sendall(b"bye")
    connection.recv(16)


def main():
    connection = socket.create_connection(LISTENER.getsockname())
    atexit.register(say_goodbye, connection)
    print("talked")


if __name__ == "__main__":
    main()
