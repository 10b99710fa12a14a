"""Says which wheels this interpreter takes, the best tags first, and which markers hold here: by the libraries that pip
carries for it, so that it is what pip would say.

usage: supported.py PIP MARKER...
"""
import json
import sys

pip, markers = sys.argv[1], sys.argv[2:]
sys.path.insert(0, pip)

from pip._internal.utils.compatibility_tags import get_supported
from pip._vendor.packaging.markers import Marker

tags = [str(tag) for tag in get_supported()]
print(json.dumps({"tags": tags, "holds": [Marker(marker).evaluate({"extra": ""}) for marker in markers]}))
