"""Moves money both ways between two accounts. Every transfer takes the locks in the order of account numbers."""
import threading
import time


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source, target, amount):
    first, second = sorted((source, target), key=lambda account: account.number)
    with first.lock:
        time.sleep(0.2)  # asks the bank
        with second.lock:
            source.balance -= amount
            target.balance += amount


def main():
    ada, grace = Account(1, 100), Account(2, 100)
    threading.Thread(target=transfer, args=(ada, grace, 10)).start()
    threading.Thread(target=transfer, args=(grace, ada, 25)).start()
    print("transfers are under way")


if __name__ == "__main__":
    main()
