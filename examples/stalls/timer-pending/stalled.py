"""Gives a download an hour before it is called late. It takes no time, and the timer waits on."""
import threading


def complain():
    print("the download is late")


def main():
    threading.Timer(3600, complain).start()
    print("downloaded")


if __name__ == "__main__":
    main()
