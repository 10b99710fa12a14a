"""Fetches one wheel from a simple index: only for an interpreter that has no pip of any kind (Debian without
python3-pip). Which index is asked is decided as pip does: PIP_INDEX_URL, then pip's configuration files, then PyPI.

usage: fetch_wheel.py PROJECT VERSION FOLDER SHA256...
"""
import configparser
import hashlib
import html.parser
import os
import re
import sys
import urllib.parse
import urllib.request

CONFIG_FILES = ["~/.config/pip/pip.conf", "~/.pip/pip.conf", "/etc/xdg/pip/pip.conf", "/etc/pip.conf"]


def configured(name):
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if value:
        return value
    files = [os.environ.get("PIP_CONFIG_FILE", "")] + CONFIG_FILES
    if "XDG_CONFIG_HOME" in os.environ:
        files.insert(1, os.path.join(os.environ["XDG_CONFIG_HOME"], "pip", "pip.conf"))
    if files[0] == os.devnull:
        return None
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(os.path.expanduser(path))
        except configparser.Error:
            continue
        for section in ("download", "global"):
            if parser.has_option(section, name):
                return parser.get(section, name)
    return None


def opener_for(url):
    parts = urllib.parse.urlsplit(url)
    handlers = []
    user, password = parts.username, parts.password
    if user is None:
        try:
            import netrc

            entry = netrc.netrc().authenticators(parts.hostname or "")
        except (OSError, netrc.NetrcParseError):
            entry = None
        if entry:
            user, password = entry[0], entry[2]
    if user is not None:
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        host = parts.hostname + (":%d" % parts.port if parts.port else "")
        url = urllib.parse.urlunsplit(parts._replace(netloc=host))
        quoted = urllib.parse.unquote
        root = "%s://%s/" % (parts.scheme, host)
        passwords.add_password(None, root, quoted(user), quoted(password or ""), is_authenticated=True)
        handlers.append(urllib.request.HTTPBasicAuthHandler(passwords))
    certificate = configured("cert")
    if certificate:
        import ssl

        context = ssl.create_default_context(cafile=certificate)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers), url


class Links(html.parser.HTMLParser):
    def __init__(self):
        html.parser.HTMLParser.__init__(self)
        self.found = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def main():
    project, version, folder = sys.argv[1:4]
    hashes = set(sys.argv[4:])
    if (configured("no-index") or "").lower() in ("1", "true", "yes", "on"):
        sys.exit("PIP_NO_INDEX is set, and this Python has no pip")
    index = configured("index-url")
    if not index:
        sys.exit("this Python has neither pip nor ensurepip, and no index is named to get pip from")
    opener, index = opener_for(index.rstrip("/") + "/" + project + "/")
    page = opener.open(index, timeout=30)
    links = Links()
    links.feed(page.read().decode("utf-8", "replace"))
    for href in links.found:
        url = urllib.parse.urljoin(page.geturl(), href)
        name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1])
        if not re.match(re.escape("%s-%s-" % (project, version)) + r"[\w.-]*\.whl$", name):
            continue
        data = opener.open(url.split("#")[0], timeout=60).read()
        if hashlib.sha256(data).hexdigest() not in hashes:
            sys.exit("%s from the index has another hash than the locked one" % name)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        return
    sys.exit("No matching distribution found for %s==%s" % (project, version))


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit("%s: %s" % (type(error).__name__, error))
