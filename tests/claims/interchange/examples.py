"""Annotations as other programs give them, on the transcript of tests/factories.py."""

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
PAGE = "https://archive.example/remarks"


def quoting(exact, *, prefix=None, suffix=None, start=None, end=None):
    """The two selectors that programs give."""
    quote = {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix}
    selectors = [{key: value for key, value in quote.items() if value is not None}]
    if start is not None:
        selectors.append({"type": "TextPositionSelector", "start": start, "end": end})
    return selectors


def web_annotation(exact="promised not to grow", value="Who says so?", **given):
    """As the standard's own examples are."""
    return {
        "@context": CONTEXT,
        "id": "https://notes.example/1",
        "type": "Annotation",
        "creator": {"type": "Person", "name": "A. Far"},
        "body": {"type": "TextualBody", "value": value, "purpose": "commenting"},
        "target": {"source": PAGE, "selector": quoting(exact)},
    } | given


def recogito(exact="promised not to grow", identity="#0b6a5f2e-3c1d-4e7a-9f80-1a2b3c4d5e6f"):
    """As RecogitoJS and Text Annotator give them: several bodies, a UUID, offsets of UTF-16."""
    return {
        "@context": CONTEXT,
        "id": identity,
        "type": "Annotation",
        "body": [
            {"type": "TextualBody", "purpose": "commenting", "value": "Who says so?"},
            {"type": "TextualBody", "purpose": "tagging", "value": "promise"},
            {"type": "TextualBody", "purpose": "classifying", "value": "Claim"},
            {"purpose": "linking", "source": "https://www.wikidata.example/Q7184"},
        ],
        "creator": {"id": "https://people.example/anna", "name": "anna"},
        "target": [{"source": PAGE, "selector": quoting(exact, start=4, end=24)}],
    }


def hypothesis_row(exact="promised not to grow", identity="kRzGvN0qEeyX", **given):
    """As the API of Hypothesis gives one."""
    return {
        "id": identity,
        "created": "2022-01-08T10:00:00.000000+00:00",
        "updated": "2022-01-08T10:00:00.000000+00:00",
        "user": "acct:anna@hypothes.is",
        "user_info": {"display_name": "Anna"},
        "uri": PAGE,
        "text": "Who says *so*?",
        "tags": ["promise", "alliance"],
        "group": "__world__",
        "permissions": {"read": ["group:__world__"]},
        "target": [
            {
                "source": PAGE,
                "selector": [
                    {
                        "type": "RangeSelector",
                        "startContainer": "/div[1]/p[2]",
                        "startOffset": 4,
                        "endContainer": "/div[1]/p[2]",
                        "endOffset": 24,
                    },
                    *quoting(exact, start=4, end=24),
                ],
            }
        ],
        "document": {"title": ["Remarks"]},
        "links": {"html": f"https://hypothes.is/a/{identity}"},
        "hidden": False,
        "flagged": False,
    } | given
