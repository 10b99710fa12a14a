"""A device whose __del__ looks again and again whether the last command was taken. Nobody takes it any more."""


class Device:
    def __init__(self):
        self.pending = ["off"]

    def __del__(self):
        while self.pending:
            pass


DEVICE = Device()


def main():
    print("switched")


if __name__ == "__main__":
    main()
