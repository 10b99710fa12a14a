"""What programs of some size load before they do anything: its venv PEX takes about 70 ms."""

import argparse
import asyncio
import json
import logging
import urllib.request


async def answer(name: str) -> str:
    return json.dumps({"hello": urllib.request.quote(name)})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    logging.basicConfig(level=logging.INFO)
    print(asyncio.run(answer(parser.parse_args().name)))
