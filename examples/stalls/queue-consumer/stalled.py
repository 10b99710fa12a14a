"""Resizes pictures in two workers. When all are done the workers wait for the next one."""
import queue
import threading


def resize(pictures):
    while True:
        picture = pictures.get()
        print("resized", picture, flush=True)
        pictures.task_done()


def main():
    pictures = queue.Queue()
    for number in range(2):
        threading.Thread(target=resize, args=(pictures,), name=f"resizer-{number}").start()
    for name in ("a.png", "b.png", "c.png"):
        pictures.put(name)
    pictures.join()


if __name__ == "__main__":
    main()
