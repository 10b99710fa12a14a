import shutil
from pathlib import Path


class FolderBucket:
    """A bucket that is a folder: mounted storage."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def put(self, name):
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, str(self.folder / Path(name).name))


class DryBucket:
    """A bucket that takes everything and keeps nothing."""

    def put(self, name):
        pass
