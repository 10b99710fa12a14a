"""Says goodbye to its server at exit, and waits a moment for the server to say it, too."""
import atexit
import socket

LISTENER = socket.create_server(("127.0.0.1", 0))


def say_goodbye(connection):
    connection.settimeout(0.2)
    connection.sendall(b"bye")
    try:
        connection.recv(16)
    except OSError:
        print("the server did not say goodbye")


def main():
    connection = socket.create_connection(LISTENER.getsockname())
    atexit.register(say_goodbye, connection)
    print("talked")


if __name__ == "__main__":
    main()
