"""Builds a project's wheel with what is installed beside this interpreter, and asks no index.

The hooks of PEP 517 are called as pip does it behind its isolation, each in a process of its own, by the library that
pip carries for it. The last line of stdout is the wheel's name. Exit code 3: the backend wants what is not installed.

usage: build_wheel.py PIP PROJECT INTO BACKEND [BACKEND_PATH...]
"""
import importlib.metadata
import sys

WANTS_MORE = 3


def is_there(text):
    from pip._vendor.packaging.requirements import Requirement

    wanted = Requirement(text)
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return True
    # What an extra brings with it, or an address points to, is pip's to find out.
    if wanted.extras or wanted.url:
        return False
    try:
        found = importlib.metadata.version(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return wanted.specifier.contains(found, prereleases=True)


def main():
    pip, project, into, backend = sys.argv[1:5]
    # Last: what the backend brings goes before it, and pip's own modules lie below its name.
    sys.path.append(pip)
    from pip._vendor.pyproject_hooks import BuildBackendHookCaller

    hooks = BuildBackendHookCaller(project, backend, backend_path=sys.argv[5:] or None)
    if not all(is_there(text) for text in hooks.get_requires_for_build_wheel()):
        sys.exit(WANTS_MORE)
    print(hooks.build_wheel(into))


if __name__ == "__main__":
    main()
