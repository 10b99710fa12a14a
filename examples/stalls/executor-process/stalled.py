"""Renders a page in a pool of processes. The renderer waits for a font server without a limit."""
import concurrent.futures
import socket


def render(page):
    server, client = socket.socketpair()
    client.sendall(b"font?")
    client.recv(16)
    server.close()
    return f"<p>{page}</p>"


def main():
    pool = concurrent.futures.ProcessPoolExecutor(1)
    rendered = pool.submit(render, "hello")
    try:
        print(rendered.result(timeout=0.5))
    except concurrent.futures.TimeoutError:
        print("not rendered")


if __name__ == "__main__":
    main()
