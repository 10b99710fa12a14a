"""Reads the first row of a table through a generator, which would hand the cursor back at its end."""
import socket


def rows():
    server, cursor = socket.socketpair()
    try:
        yield from ("first", "second", "third")
    finally:
        cursor.sendall(b"close")
        cursor.recv(16)
        server.close()


ROWS = rows()


def main():
    print(next(ROWS))


if __name__ == "__main__":
    main()
