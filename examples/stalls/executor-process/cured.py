"""Renders a page in a pool of processes. The renderer waits for a font server, but not for long."""
import concurrent.futures
import socket


def render(page):
    server, client = socket.socketpair()
    client.settimeout(0.2)
    client.sendall(b"font?")
    try:
        client.recv(16)
    except OSError:
        page = f"{page}, in plain letters"
    server.close()
    return f"<p>{page}</p>"


def main():
    pool = concurrent.futures.ProcessPoolExecutor(1)
    print(pool.submit(render, "hello").result())


if __name__ == "__main__":
    main()
