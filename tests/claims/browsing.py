"""A form as a browser sends it: read from the page, not from what the server knows."""

from bs4 import BeautifulSoup


def form_on(response, form_id=None, **changes):
    """What the form on the page `response` sends, with `changes` typed into it."""
    page = BeautifulSoup(response.content, "html.parser")
    if form_id:
        form = page.find("form", id=form_id)
    else:
        form = next(
            f for f in page.select("#content-main form") if f.find(attrs={"type": "hidden"})
        )
    sent = {}
    for field in form.find_all(["input", "select", "textarea"]):
        name, kind = field.get("name"), field.get("type")
        if not name or field.has_attr("disabled") or "__prefix__" in name or kind == "submit":
            continue
        if field.name == "select":
            chosen = [option["value"] for option in field.find_all("option", selected=True)]
            if not chosen and not field.has_attr("multiple") and field.find("option"):
                chosen = [field.find("option").get("value", "")]
            sent.setdefault(name, []).extend(chosen)
        elif field.name == "textarea":
            # The first line break is no part of the text; the others are sent as two characters.
            text = field.text.removeprefix("\r").removeprefix("\n").replace("\r\n", "\n")
            sent[name] = [text.replace("\n", "\r\n")]
        elif kind in ("checkbox", "radio"):
            if field.has_attr("checked"):
                sent[name] = [field.get("value", "on")]
        else:
            sent.setdefault(name, []).append(field.get("value", ""))
    changes = {
        name: value if isinstance(value, list) else [value] for name, value in changes.items()
    }
    return {name: value for name, value in (sent | changes).items() if value != [None]}


def text_of(response, selector="#content"):
    """The words of a part of the page, with single spaces."""
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(" ".join(part.get_text(" ") for part in page.select(selector)).split())
