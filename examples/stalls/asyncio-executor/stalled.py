"""Reads a sensor in asyncio's thread pool and gives up after a moment. The thread does not."""
import asyncio
import socket

SENSOR, READER = socket.socketpair()


def read_sensor():
    return READER.recv(16)


async def measure():
    loop = asyncio.get_running_loop()
    try:
        print(await asyncio.wait_for(loop.run_in_executor(None, read_sensor), timeout=0.2))
    except asyncio.TimeoutError:
        print("the sensor is silent")


def main():
    asyncio.run(measure())


if __name__ == "__main__":
    main()
