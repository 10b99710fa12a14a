"""Uses a native library and leaves it open; when the process is over, its destructor waits for its thread."""
import ctypes
import os

LIBRARY = os.environ.get("STALL_NATIVE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "native.so"))


def main():
    library = ctypes.CDLL(LIBRARY)
    print("opened", library.open_library())


if __name__ == "__main__":
    main()
