"""The way in where no user site is read. The program's own module of this name runs after it, as it would have."""

import sys

_self = sys.modules.pop(__name__)
try:
    if sys.version_info >= (3, 8):
        import exitproof_probe
except Exception:
    pass
sys.path[:] = [entry for entry in sys.path if entry != __file__.rpartition("/")[0]]
__import__(__name__)
