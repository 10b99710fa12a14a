"""Keeps a connection alive in a task that takes being cancelled for one more lost connection."""
import asyncio


async def keep_alive():
    while True:
        try:
            await asyncio.sleep(0.1)
        except BaseException:
            print("lost the connection, again")


async def work():
    asyncio.ensure_future(keep_alive())
    await asyncio.sleep(0.2)
    print("worked")


def main():
    asyncio.run(work())


if __name__ == "__main__":
    main()
