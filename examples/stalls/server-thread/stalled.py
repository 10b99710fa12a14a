"""Starts an ASGI server in a thread, waits until it is up, and leaves it there."""
import threading
import time

import uvicorn


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    threading.Thread(target=server.run, name="server").start()
    while not server.started:
        time.sleep(0.05)
    print("the server is up")


if __name__ == "__main__":
    main()
