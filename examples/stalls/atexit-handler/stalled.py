"""Waits at exit until another program has taken its result away. There is no other program."""
import atexit
import os
import tempfile
import time

FOLDER = tempfile.TemporaryDirectory()
RESULT = os.path.join(FOLDER.name, "result.txt")


@atexit.register
def wait_until_taken():
    while os.path.exists(RESULT):
        time.sleep(0.1)


def main():
    with open(RESULT, "w") as file:
        file.write("42")
    print("the result is there")


if __name__ == "__main__":
    main()
