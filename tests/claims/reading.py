"""Fetch a page and read it."""

from bs4 import BeautifulSoup


def page(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, path
    return BeautifulSoup(response.getvalue(), "html.parser")


def text(element):
    return " ".join(element.get_text(" ").split())
