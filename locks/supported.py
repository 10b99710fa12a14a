"""Says what pip is set to, which wheels this interpreter takes, the best tags first, and which markers hold here: by pip's
own code, so that it is what pip would say.

PIP is a folder that pip lies in; `-` asks the interpreter's own, and for its settings alone.

usage: supported.py PIP MARKER...
"""
import json
import sys

pip, markers = sys.argv[1], sys.argv[2:]
if pip != "-":
    sys.path.insert(0, pip)

from pip._internal.configuration import Configuration

configuration = Configuration(isolated=False)
configuration.load()
settings = {}
for name, value in configuration.items():
    # Newer ones keep the settings of each file apart, the weaker ones first.
    settings.update(value if isinstance(value, dict) else {name: value})
answer = {"settings": settings, "tags": [], "holds": []}
if pip != "-":
    from pip._internal.utils.compatibility_tags import get_supported
    from pip._vendor.packaging.markers import Marker

    answer["tags"] = [str(tag) for tag in get_supported()]
    answer["holds"] = [Marker(marker).evaluate({"extra": ""}) for marker in markers]
print(json.dumps(answer))
