"""Reads the first row of a table through a generator, and closes it; the cursor is handed back with a limit."""
import contextlib
import socket


def rows():
    server, cursor = socket.socketpair()
    cursor.settimeout(0.2)
    try:
        yield from ("first", "second", "third")
    finally:
        cursor.sendall(b"close")
        with contextlib.suppress(OSError):
            cursor.recv(16)
        server.close()


def main():
    with contextlib.closing(rows()) as table:
        print(next(table))


if __name__ == "__main__":
    main()
