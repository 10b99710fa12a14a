"""Hands a picture to a queue between processes that nobody reads any more."""
import multiprocessing

PICTURES = multiprocessing.Queue()


def main():
    PICTURES.put(b"x" * 1_000_000)
    print("handed over")


if __name__ == "__main__":
    main()
