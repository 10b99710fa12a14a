"""A device that takes its last command in close(), by with."""


class Device:
    def __init__(self):
        self.pending = ["off"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self.pending:
            print("switched", self.pending.pop())


def main():
    with Device():
        print("on")


if __name__ == "__main__":
    main()
