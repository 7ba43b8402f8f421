"""The claim"""

import json

from editions import editions
from quotations import check
from terms import Wrong
from warc import read


def passages(value, where=""):
    """Every quotation in the JSON, with where it stands in it: appearances 1, evidence 3."""
    if isinstance(value, dict):
        if "exact" in value and "start" in value:
            yield where.strip(), value
        for name, part in value.items():
            yield from passages(part, where if name == "passage" else f"{where} {name}")
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from passages(part, f"{where} {number}")


def files(paths):
    for path in paths:
        if path.is_dir():
            yield from sorted(
                one for one in path.iterdir() if one.name.endswith((".warc", ".warc.gz"))
            )
        else:
            yield path


def verify(claim, paths, source=None, say=print):
    """Check every quotation of the claim in the file `claim`. Returns whether all is as it says."""
    try:
        told = json.loads(claim.read_bytes())
    except (OSError, ValueError) as error:
        say(f"WRONG  {claim.name}: it is not the JSON of a claim ({error}).")
        return False
    records, wrong, shown = [], 0, 0
    for path in files(paths):
        try:
            records += read(path)
        except Wrong as error:
            wrong += 1
            say(f"WRONG  {error}")
    try:
        found = editions(records)
    except Wrong as error:
        say(f"WRONG  {error}")
        say("NOT VERIFIED: a WARC file cannot be read.")
        return False
    for where, passage in passages(told):
        if source is not None and passage.get("transcript") != source:
            continue
        name = f"{where} (“{str(passage.get('exact'))[:40]}…”)"
        try:
            say(f"right  {name}: {check(passage, found, records)}")
            shown += 1
        except Wrong as error:
            wrong += 1
            say(f"WRONG  {name}: {error}")
    if wrong:
        say(f"NOT VERIFIED: {wrong} wrong, {shown} right.")
    elif not shown:
        say("NOT VERIFIED: there is no quotation in it to check.")
    else:
        say(f"VERIFIED: all {shown} quotations stand in bytes with the published digests.")
    return shown > 0 and not wrong
