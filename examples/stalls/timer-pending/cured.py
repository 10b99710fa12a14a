"""Gives a download an hour before it is called late, and cancels the timer when it has come."""
import threading


def complain():
    print("the download is late")


def main():
    timer = threading.Timer(3600, complain)
    timer.start()
    print("downloaded")
    timer.cancel()


if __name__ == "__main__":
    main()
