"""Hands a picture to a queue between processes, and gives it up: nobody reads it any more."""
import multiprocessing

PICTURES = multiprocessing.Queue()


def main():
    PICTURES.put(b"x" * 1_000_000)
    print("handed over")
    PICTURES.cancel_join_thread()
    PICTURES.close()


if __name__ == "__main__":
    main()
