"""Watches a session by a weak reference, and ends it before the end; the callback only takes a note."""
import codecs
import weakref

GONE = []


class Session:
    pass


def on_gone(reference, gone=GONE):
    gone.append("session")


def main():
    import decimal

    decimal.session = Session()
    codecs.register_error("session", weakref.ref(decimal.session, on_gone))
    print("watching")
    del decimal.session
    print(GONE)


if __name__ == "__main__":
    main()
