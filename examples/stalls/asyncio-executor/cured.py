"""Reads a sensor in asyncio's thread pool. The read itself has the limit, so the thread ends too."""
import asyncio
import socket

SENSOR, READER = socket.socketpair()
READER.settimeout(0.2)


def read_sensor():
    return READER.recv(16)


async def measure():
    loop = asyncio.get_running_loop()
    try:
        print(await loop.run_in_executor(None, read_sensor))
    except OSError:
        print("the sensor is silent")


def main():
    asyncio.run(measure())


if __name__ == "__main__":
    main()
