import queue
import threading


class Transfer:
    """Puts files into a bucket with a few workers, so that slow storage is kept busy."""

    def __init__(self, bucket, workers=2):
        self.bucket = bucket
        self.pending = queue.Queue()
        self.failed = []
        for number in range(workers):
            threading.Thread(target=self.drain, name="upload-{}".format(number)).start()

    def drain(self):
        while True:
            name = self.pending.get()
            if name is None:
                return
            self.upload(name)
            self.pending.task_done()

    def upload(self, name):
        try:
            self.bucket.put(name)
        except OSError as error:
            self.failed.append((name, error))

    def add(self, name):
        self.pending.put(name)

    def wait(self):
        """Return when every file that was added has been tried."""
        self.pending.join()
