"""Resizes pictures in two workers, and sends each an end mark when all are done."""
import queue
import threading


def resize(pictures):
    while True:
        picture = pictures.get()
        if picture is None:
            return
        print("resized", picture, flush=True)


def main():
    pictures = queue.Queue()
    workers = [threading.Thread(target=resize, args=(pictures,), name=f"resizer-{n}") for n in range(2)]
    for worker in workers:
        worker.start()
    for name in ("a.png", "b.png", "c.png"):
        pictures.put(name)
    for _ in workers:
        pictures.put(None)
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
