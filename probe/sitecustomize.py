"""The way in where no user site is read. The program's own sitecustomize runs after it, as site would have run it."""

import sys

_self, _folder = sys.modules.pop("sitecustomize"), __file__.rpartition("/")[0]
try:
    if sys.version_info >= (3, 8):
        import exitproof_probe
except Exception:
    pass
sys.path[:] = [entry for entry in sys.path if entry != _folder]
try:
    import sitecustomize
except ImportError as error:
    sys.modules["sitecustomize"] = _self
    if getattr(error, "name", "sitecustomize") != "sitecustomize":
        raise
