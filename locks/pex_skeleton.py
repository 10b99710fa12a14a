"""A venv layout of a PEX without its packages, which are unpacked beside it meanwhile.

PEX itself makes it, of a copy whose wheels have nothing but their metadata and data: the virtual environment, scripts,
PEX-INFO and what runs the entry point are its own, whatever its version. What that copy kept from it is then set
right: each RECORD, and PEX's own note of what was in a wheel.

WHEELS lists those wheels, as sha256sum does. Exit code 3: the PEX has not all of them.

usage: pex_skeleton.py PEX-TOOL PEX WORK LAYOUT WHEELS
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile

OTHER_WHEELS = 3

tool, pex, hollow, layout, unpacked = sys.argv[1:6]
KEPT = re.compile(r"[^/]+\.(dist-info|data)/")


def line_path(line):
    return line[1:].split('"', 1)[0] if line.startswith('"') else line.split(",", 1)[0]


def end_of(line):
    return line[len(line.rstrip("\r\n")) :]


def digest_of(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def copy(file, path):
    digest = hashlib.sha256()
    with open(path, "wb") as target:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


class Wheel:
    def __init__(self, name, path):
        self.name = name
        self.lines = []
        with zipfile.ZipFile(path) as full, zipfile.ZipFile(path + ".hollow", "w") as less:
            self.members = [[i.filename, list(i.date_time), i.external_attr] for i in full.infolist()]
            for info in full.infolist():
                if not KEPT.match(info.filename):
                    continue
                content = full.read(info)
                if re.match(r"[^/]+\.dist-info/RECORD$", info.filename):
                    self.info = info.filename[: -len("/RECORD")]
                    self.lines = content.decode("utf-8").splitlines(True)
                    content = "".join(line for line in self.lines if KEPT.match(line_path(line))).encode("utf-8")
                less.writestr(info, content)
        os.replace(path + ".hollow", path)

    def complete(self, packages):
        record = os.path.join(packages, self.info, "RECORD")
        with open(record, encoding="utf-8", newline="") as file:
            lines = file.read().splitlines(True)
        note = self.info[: -len(".dist-info")] + ".pex-info/original-whl-info.json"
        if os.path.exists(os.path.join(packages, note)):
            told = {"entries": self.members, "filename": self.name}
            data = json.dumps(told, sort_keys=True, separators=(",", ":")).encode("utf-8")
            with open(os.path.join(packages, note), "wb") as file:
                file.write(data)
            line = "%s,sha256=%s,%d" % (note, digest_of(data), len(data))
            lines = [line + end_of(old) if line_path(old) == note else old for old in lines]
        places = {line_path(line): place for place, line in enumerate(lines)}
        end = end_of(lines[0])
        done, merged = 0, []
        for line in self.lines:
            path = line_path(line)
            if not KEPT.match(path):
                # The last one may have no end.
                merged.append(line.rstrip("\r\n") + end)
            elif places.get(path, -1) >= done:
                # With those that PEX has given another path.
                merged += lines[done : places[path] + 1]
                done = places[path] + 1
        merged += lines[done:]
        # As older versions of PEX do it.
        if lines == sorted(lines, key=line_path):
            merged.sort(key=line_path)
        with open(record, "w", encoding="utf-8", newline="") as file:
            file.write("".join(merged))


with open(unpacked, encoding="utf-8") as file:
    sums = set(file.read().splitlines())
wheels = []
with zipfile.ZipFile(pex) as whole:
    for info in whole.infolist():
        name = info.filename
        if name.startswith(".bootstrap/"):
            continue
        path = os.path.join(hollow, *name.split("/"))
        if name.endswith("/"):
            os.makedirs(path, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with whole.open(info) as file:
            digest = copy(file, path)
        if "%s  %s" % (digest, name[len(".deps/") :]) in sums:
            wheels.append(Wheel(name[len(".deps/") :], path))
        os.chmod(path, info.external_attr >> 16 & 0o777 or 0o644)

if len(wheels) != len(sums):
    sys.exit(OTHER_WHEELS)

RUN = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); sys.argv[0] = 'pex-tools'; "
    "from pex.tools.main import main; sys.exit(main())"
)
done = subprocess.run(
    [sys.executable, "-I", "-c", RUN, tool, hollow, "venv", "--bin-path", "prepend", layout]
)
if done.returncode != 0:
    sys.exit(done.returncode)
lib = os.path.join(layout, "lib")
[packages] = [os.path.join(lib, name, "site-packages") for name in os.listdir(lib)]
for wheel in wheels:
    wheel.complete(packages)
