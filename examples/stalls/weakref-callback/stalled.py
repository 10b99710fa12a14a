"""Watches a session by a weak reference. When it dies, at the very end, the callback waits for its data."""
import codecs
import threading
import weakref


class Session:
    pass


def on_gone(reference, make_event=threading.Event):
    make_event().wait()


def main():
    import decimal  # no global: the callback's module must not keep the session

    decimal.session = session = Session()
    codecs.register_error("session", weakref.ref(session, on_gone))  # outlives all modules
    print("watching")


if __name__ == "__main__":
    main()
