import argparse
import sys

from uploader.bucket import DryBucket, FolderBucket
from uploader.transfer import Transfer


def main(argv=None):
    parser = argparse.ArgumentParser(prog="uploader", description="Copy files into a bucket.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--to", metavar="FOLDER", default="bucket", help="the bucket (default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="go through the queue, copy nothing")
    options = parser.parse_args(argv)

    transfer = Transfer(DryBucket() if options.dry_run else FolderBucket(options.to))
    for name in options.files:
        transfer.add(name)
    transfer.wait()

    for name, error in transfer.failed:
        print("uploader: {}: {}".format(name, error), file=sys.stderr)
    print("done: {} of {}".format(len(options.files) - len(transfer.failed), len(options.files)))
    return 1 if transfer.failed else 0
