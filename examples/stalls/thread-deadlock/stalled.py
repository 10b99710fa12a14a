"""Moves money both ways between two accounts, each transfer in its own thread and its own order of locks."""
import threading
import time


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source, target, amount):
    with source.lock:
        time.sleep(0.2)  # asks the bank
        with target.lock:
            source.balance -= amount
            target.balance += amount


def main():
    ada, grace = Account(100), Account(100)
    threading.Thread(target=transfer, args=(ada, grace, 10)).start()
    threading.Thread(target=transfer, args=(grace, ada, 25)).start()
    print("transfers are under way")


if __name__ == "__main__":
    main()
