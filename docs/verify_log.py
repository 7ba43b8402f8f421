"""Shows that a Counterclaim site says of its verdicts what it has logged: python3 verify_log.py https://…

Reads the site's log (/api/v1/log/) and its verdicts (/api/v1/verdicts/) as anybody can, computes the tree of
the log anew, and names what differs. `--key` is the log's public key, from somebody whom you trust: without
it, the key that the site names is believed, and said to be. `--seen FILE` keeps what was seen: next time the
log must be the same and more. `--save FOLDER` keeps all that was read; such a folder can stand in the place
of the address. `--pages` reads the page of each verdict too. Exits with 0 if all is right, otherwise with 1.
Python 3.11 or later, and the package cryptography. docs/log.md says what this proves and what it does not.
"""

import argparse
import base64
import hashlib
import html
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST = 1 << 26  # bytes of an answer
WIDTH = 256  # of a tile
LOG = "api/v1/log/"
PUBLISHED, ENDED = ("published", "corrected"), ("superseded", "withdrawn")


class Wrong(Exception):
    """What is wrong, in a sentence."""


# --- Where it is read ---


class Site:
    """A site, or a folder that one was saved in; what is read is saved in another folder if one is given."""

    def __init__(self, place, save=None):
        self.save = save
        self.folder = None
        if place.startswith(("https://", "http://")):
            self.address = place.rstrip("/") + "/"
        else:
            self.folder, self.address = pathlib.Path(place), f"{place}/"

    def get(self, path, name=None):
        """The bytes at `path` of the site, which a folder has under `name`. Raises Wrong."""
        name = name or (path + "index.json" if path.endswith("/") else path)
        if self.folder is not None:
            try:
                return (self.folder / name).read_bytes()
            except OSError as error:
                raise Wrong(f"{name} is missing.") from error
        data = self.fetch(path)
        if self.save is not None:
            file = self.save / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return data

    def fetch(self, path):
        address = self.address + path
        request = urllib.request.Request(address, headers={"User-Agent": "verify_log"})
        for _ in range(10):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    data = answer.read(MOST + 1)
            except urllib.error.HTTPError as error:
                if error.code == 429:  # too many requests within a minute
                    time.sleep(min(int(error.headers.get("Retry-After") or 60), 120))
                    continue
                raise Wrong(f"{address} answers {error.code}.") from error
            except (OSError, ValueError) as error:
                raise Wrong(f"{address} cannot be read: {error}.") from error
            if len(data) > MOST:
                raise Wrong(f"{address} is longer than {MOST} bytes.")
            return data
        raise Wrong(f"{address} asks to wait, again and again.")

    def json(self, path, name=None):
        data = self.get(path, name)
        try:
            return json.loads(data)
        except ValueError as error:
            raise Wrong(f"{path} is no JSON.") from error


# --- Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint) ---


class Key:
    """A public key, written name+id+key."""

    def __init__(self, text):
        self.text = text
        try:
            self.name, number, key = text.strip().split("+", 2)
            typed = base64.b64decode(key, validate=True)
            self.public = Ed25519PublicKey.from_public_bytes(typed[1:])
        except ValueError as error:
            raise Wrong(f"{text} is no key: name+id+key.") from error
        self.id = hashlib.sha256(self.name.encode() + b"\n" + typed).digest()[:4]
        if typed[:1] != b"\x01" or self.id.hex() != number:
            raise Wrong(f"{text} is no Ed25519 key, or its id is another's.")


class Checkpoint:
    """A signed note of the size and the root of a log. Raises Wrong where it is none."""

    def __init__(self, data):
        try:
            self.text, _, below = data.decode().rpartition("\n\n")
            self.text += "\n"
            self.signatures = []
            for line in below.splitlines():
                dash, name, signature = line.split(" ")
                signed = base64.b64decode(signature, validate=True)
                self.signatures.append((name, signed[:4], signed[4:]))
                if dash != "—":
                    raise ValueError(line)
            self.origin, size, root = self.text.split("\n")[:3]
            self.size, self.root = int(size), base64.b64decode(root, validate=True)
        except ValueError as error:
            raise Wrong("the checkpoint is no signed note of a log.") from error

    def verify(self, key):
        """Raise Wrong unless `key` signed it."""
        signatures = [s for name, id, s in self.signatures if (name, id) == (key.name, key.id)]
        if not signatures:
            raise Wrong(f"the checkpoint of {self.size} entries is not signed by {key.text}.")
        for signature in signatures:
            try:
                key.public.verify(signature, self.text.encode())
            except InvalidSignature:
                raise Wrong(
                    f"the signature of {key.text} is not of the checkpoint of {self.size} entries."
                ) from None
        if self.origin != key.name:
            raise Wrong(f"the checkpoint is of {self.origin}, and the key of {key.name}.")


# --- The tree (RFC 9162, section 2.1) and the tiles that it is published in (C2SP tlog-tiles) ---


class Tree:
    """The hashes of all perfect subtrees of the leaves added so far, level by level."""

    def __init__(self):
        self.levels = [[]]

    @property
    def size(self):
        return len(self.levels[0])

    def add(self, entry):
        level, hash = 0, hashlib.sha256(b"\0" + entry).digest()
        while True:
            row = self.levels[level]
            row.append(hash)
            if len(row) % 2:
                return
            hash = hashlib.sha256(b"\1" + row[-2] + row[-1]).digest()
            level += 1
            if level == len(self.levels):
                self.levels.append([])

    def root(self):
        hash = None
        for row in self.levels:  # the perfect subtrees from the right to the left
            if len(row) % 2:
                hash = row[-1] if hash is None else hashlib.sha256(b"\1" + row[-1] + hash).digest()
        return hashlib.sha256(b"").digest() if hash is None else hash


def tiles(n):
    """(index, width, path) of the tiles of a row of `n`."""
    for index in range(-(-n // WIDTH)):
        width = min(WIDTH, n - index * WIDTH)
        digits = str(index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        *groups, last = (digits[i : i + 3] for i in range(0, len(digits), 3))
        path = "".join(f"x{group}/" for group in groups) + last
        yield index, width, path + (f".p/{width}" if width < WIDTH else "")


def entries(site, size):
    """The bytes of each entry, from the bundles."""
    for index, width, path in tiles(size):
        data = site.get(f"{LOG}tile/entries/{path}")
        start, n = 0, 0
        while start < len(data):
            end = start + 2 + int.from_bytes(data[start : start + 2], "big")
            if end > len(data):
                raise Wrong(f"the entries from {index * WIDTH} on are cut off.")
            yield data[start + 2 : end]
            start, n = end, n + 1
        if n != width:
            raise Wrong(f"there are {n} entries from {index * WIDTH} on, not {width}.")


# --- What the log says ---


class Log:
    """The log of a site: read, computed, and held against its signatures."""

    def __init__(self, site, say):
        self.site, self.say, self.wrong = site, say, 0
        self.checkpoint = Checkpoint(site.get(f"{LOG}checkpoint"))
        self.published = {}  # (claim, version) → number, document
        self.ended = {}  # (claim, version) → number, document
        self.retired, self.numbers, self.documents, self.rotated = {}, {}, {}, {}

    def fault(self, words):
        self.wrong += 1
        self.say(f"WRONG  {words}")

    def read(self, key, seen):
        """Read all of it; `key` is trusted, or None: the one that the site names; `seen` was seen before."""
        keys = self.site.json(LOG)["keys"]
        if key is None:
            key = Key(keys[0]["verifier"])
            self.say(
                f"       No key was given: believed is the one that the site names, {key.text}"
            )
        changes = self.changes(key, keys)
        sizes = {first.size for _, first in changes} | {seen["size"] if seen else 0}
        roots, tree = {}, Tree()
        for number, entry in enumerate(entries(self.site, self.checkpoint.size)):
            tree.add(entry)
            if tree.size in sizes:
                roots[tree.size] = tree.root()
            self.entry(number, entry)
        self.trust(key, changes, roots)
        if tree.root() != self.checkpoint.root:
            self.fault(f"the {tree.size} entries have another root than was signed.")
        if seen and seen["size"] > tree.size:
            self.fault(f"the log had {seen['size']} entries when last seen, and has {tree.size}.")
        elif seen and seen["size"] and roots[seen["size"]].hex() != seen["root"]:
            self.fault(f"the first {seen['size']} entries are others than were seen last.")
        self.compare_tiles(tree)

    def changes(self, key, keys):
        """The keys after `key`, each with the checkpoint with which it began."""
        names = [one["verifier"] for one in keys]
        if key.text not in names:
            self.fault(f"the site does not name the key {key.text}.")
            return []
        return [
            (Key(one["verifier"]), Checkpoint((one["checkpoint"] or "").encode()))
            for one in keys[names.index(key.text) + 1 :]
        ]

    def trust(self, key, changes, roots):
        """Go from the key that is trusted to the one that signs now: each is signed in by the one before."""
        try:
            for new, first in changes:
                first.verify(key)
                first.verify(new)
                if roots.get(first.size) != first.root:
                    raise Wrong(
                        f"the checkpoint of {first.size} entries has another root than they."
                    )
                if self.rotated.get(first.size - 1) != {"from": key.text, "to": new.text}:
                    raise Wrong(f"entry {first.size - 1} does not say that the key was changed.")
                self.say(f"       The key was changed by entry {first.size - 1}: {new.text}")
                key = new
            self.checkpoint.verify(key)
        except Wrong as error:
            self.fault(error)
        self.key = key

    def entry(self, number, data):
        try:
            said = json.loads(data)
            if said["log"] != 1 or said["number"] != number:
                raise Wrong(f"entry {number} says that it is number {said['number']}.")
            found = {name: self.document(digest) for name, digest in said["documents"].items()}
            kind, version = said["kind"], (said.get("claim"), said.get("version"))
            if kind in PUBLISHED:
                if version in self.published:
                    raise Wrong(f"entry {number} publishes what entry {self.numbers[version]} did.")
                self.published[version], self.numbers[version] = found["verdict"], number
            elif kind in ENDED:
                if version not in self.published or version in self.ended:
                    raise Wrong(f"entry {number} ends what was not in force.")
                self.ended[version] = found["ending"]
            elif kind in ("merged", "unmerged"):
                self.retired[said["claim"]] = kind == "merged"
            elif kind == "key-rotated":
                self.rotated[number] = said["keys"]
        except Wrong as error:
            self.fault(error)
        except (ValueError, KeyError, TypeError):
            self.fault(f"entry {number} cannot be read.")

    def document(self, digest):
        """What the document with this digest says."""
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise Wrong(f"{digest} is no SHA-256.")
        if digest not in self.documents:
            data = self.site.get(f"{LOG}documents/{digest}")
            if hashlib.sha256(data).hexdigest() != digest:
                raise Wrong(f"document {digest} has another digest: it was changed.")
            said = json.loads(data)
            # Lists of evidence may be long, and are not compared: that they are there is enough.
            self.documents[digest] = said if isinstance(said, dict) else None
        return self.documents[digest]

    def compare_tiles(self, tree):
        for level in range(0, len(tree.levels), 8):
            row = tree.levels[level]
            for index, width, path in tiles(len(row)):
                name = f"tile/{level // 8}/{path}"
                try:
                    if self.site.get(LOG + name) != b"".join(row[index * WIDTH :][:width]):
                        self.fault(f"{name} has other hashes than the entries.")
                except Wrong as error:
                    self.fault(error)


# --- What the site says ---


def verdicts(site):
    """Every published version of every verdict, as the API has it."""
    path, number = "api/v1/verdicts/?page_size=200", 1
    while path:
        page = site.json(path, f"api/v1/verdicts/page-{number}.json")
        yield from page["results"]
        number += 1
        path = page["next"] and page["next"][page["next"].index("api/v1/") :]


def compare(log, pages):
    """Hold what the site says against the log; return how many versions were right."""
    right, shown = 0, set()
    for row in verdicts(log.site):
        version = (row["claim"]["slug"], row["version"])
        shown.add(version)
        name = f"version {version[1]} of the verdict on “{version[0]}”"
        logged = log.published.get(version)
        if logged is None:
            log.fault(f"{name} is shown, and was never logged.")
            continue
        # Their labels are the page's words for the names of gates, and not logged.
        overrides = [
            {name: one[name] for name in ("gate", "why", "at")} for one in row["overrides"]
        ]
        said = {**row, "claim": row["claim"]["slug"], "overrides": overrides}
        differ = [field for field, value in logged.items() if said.get(field) != value]
        ending = log.ended.get(version) or dict.fromkeys(("ending", "ended_at"))
        differ += [field for field, value in ending.items() if (said.get(field) or None) != value]
        if differ:
            entry = log.numbers[version]
            log.fault(f"{name} is not what entry {entry} and its end say: {', '.join(differ)}.")
            continue
        if pages and not on_page(log, row, name):
            continue
        right += 1
    for version in log.published.keys() - shown:
        if not log.retired.get(version[0]):
            log.fault(
                f"version {version[1]} of the verdict on “{version[0]}” was logged, and is not shown."
            )
    return right


def on_page(log, row, name):
    """Whether the page of a version has the words that were logged (but for its rationale, set there)."""
    path = re.sub(r"^https?://[^/]*/", "", row["url"])
    try:
        page = folded(log.site.get(path, f"{path}index.html").decode("utf-8", "replace"))
    except Wrong as error:
        log.fault(f"{name}: {error}")
        return False
    words = {field: folded(row[field], plain=True) for field in ("claim_text", "headline")}
    missing = [field for field, text in words.items() if text not in page]
    if missing:
        log.fault(f"{name} reads otherwise on its page, {path}: {', '.join(missing)}.")
    return not missing


def folded(text, plain=False):
    if not plain:
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\s+", "", text)


# --- The program ---


def verify(place, key=None, seen=None, save=None, pages=False, say=print):
    """Verify the log and the verdicts of the site at `place`; return what to remember, None where anything
    is wrong. `seen` is what was remembered last."""
    try:
        site = Site(place, save)
        log = Log(site, say)
        trusted = key or (seen and seen["key"])
        log.read(Key(trusted) if trusted else None, seen)
        right = compare(log, pages)
    except Wrong as error:
        say(f"WRONG  {error}")
        say("NOT VERIFIED: the log cannot be read to its end.")
        return None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        say(f"WRONG  what the site answers has another form than was agreed ({error!r}).")
        say("NOT VERIFIED: the log cannot be read to its end.")
        return None
    size = log.checkpoint.size
    if log.wrong and site.folder is None:
        again = Checkpoint(site.fetch(f"{LOG}checkpoint"))
        if again.size != size:
            say(f"       The log grew to {again.size} entries while it was read: verify it again.")
    if log.wrong:
        say(f"NOT VERIFIED: {log.wrong} wrong; {right} versions of verdicts are as logged.")
        return None
    say(
        f"VERIFIED: {size} entries under a signed root, and {right} versions of verdicts as logged."
    )
    return {"key": log.key.text, "size": size, "root": log.checkpoint.root.hex()}


def main():
    about, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=more)
    parser.add_argument("site", help="the address of a site, or a folder that it was saved in")
    parser.add_argument("--key", help="the public key of its log: name+id+key")
    parser.add_argument("--seen", type=pathlib.Path, metavar="FILE", help="what was seen last")
    parser.add_argument("--save", type=pathlib.Path, metavar="FOLDER", help="keep what is read")
    parser.add_argument("--pages", action="store_true", help="read the pages of verdicts too")
    told = parser.parse_args()
    seen = None
    if told.seen is not None and told.seen.exists():
        seen = json.loads(told.seen.read_text("utf-8"))
    found = verify(told.site, told.key, seen, told.save, told.pages)
    if found is not None and told.seen is not None:
        told.seen.write_text(json.dumps(found) + "\n", "utf-8")
    sys.exit(0 if found is not None else 1)


if __name__ == "__main__":
    main()
