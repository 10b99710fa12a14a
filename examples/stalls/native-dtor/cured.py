"""Uses a native library and closes it, so that its thread has ended when the process is over."""
import ctypes
import os

LIBRARY = os.environ.get("STALL_NATIVE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "native.so"))


def main():
    library = ctypes.CDLL(LIBRARY)
    print("opened", library.open_library())
    library.close_library()


if __name__ == "__main__":
    main()
