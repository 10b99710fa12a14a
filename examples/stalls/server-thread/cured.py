"""Starts an ASGI server in a thread, waits until it is up, tells it to exit, and waits for that."""
import threading
import time

import uvicorn


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    while not server.started:
        time.sleep(0.05)
    print("the server is up")
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    main()
