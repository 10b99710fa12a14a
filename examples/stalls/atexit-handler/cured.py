"""Waits at exit until another program has taken its result away, but not for ever."""
import atexit
import os
import tempfile
import time

FOLDER = tempfile.TemporaryDirectory()
RESULT = os.path.join(FOLDER.name, "result.txt")


@atexit.register
def wait_until_taken():
    end = time.monotonic() + 0.3
    while os.path.exists(RESULT) and time.monotonic() < end:
        time.sleep(0.1)


def main():
    with open(RESULT, "w") as file:
        file.write("42")
    print("the result is there")


if __name__ == "__main__":
    main()
