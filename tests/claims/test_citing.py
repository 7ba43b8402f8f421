import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.citing import cited_paths, markdown_citation, markdown_link, plain_words
from claims.rendering import render_markdown

SITE = "https://facts.example"


# As the model lets them be stored: without control characters.
TITLES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)


@given(TITLES.filter(lambda text: text.split()))
def test_a_title_reads_to_the_letter_whatever_is_in_it(title):
    written = markdown_citation(title, "/sources/x/", "Art. *5*")

    assert cited_paths(written, site=SITE) == ["/sources/x/"]
    assert plain_words(written) == f"{' '.join(title.split())}, Art. *5*"


def test_a_citation_is_a_link_without_a_host_and_the_place_behind_it():
    assert markdown_citation("The Treaty", "/sources/treaty/", "Art. 5(3)") == (
        "[The Treaty](/sources/treaty/), Art. 5(3)"
    )
    assert markdown_citation("The Treaty", "/sources/treaty/") == "[The Treaty](/sources/treaty/)"
    assert render_markdown(markdown_link("A [b](c) <i>", "/claims/x/")) == (
        '<p><a href="/claims/x/" rel="nofollow noopener">A [b](c) &lt;i&gt;</a></p>\n'
    )


@pytest.mark.parametrize(
    ("rationale", "paths"),
    [
        ("None.", []),
        ("[a](/sources/a/) and [b](https://facts.example/claims/b/?x#y).", ["/sources/a/", "/claims/b/"]),
        ("[a](/sources/a/), [again](/sources/a/)\n\n- [c](/sources/c/)", ["/sources/a/", "/sources/c/"]),
        ("[x](https://elsewhere.example/sources/a/) [y](//elsewhere.example/sources/a/)", []),
        ("[m](mailto:a@b.example) [r](sources/a/) [s](javascript:alert(1))", []),
        ("[r][1]\n\n[1]: /sources/r/", ["/sources/r/"]),
        ("`[code](/sources/a/)`\n\n    [code](/sources/a/)", []),
        ("![image](/sources/a/) [u](/sources/%C3%A9/)", ["/sources/é/"]),
        ("[bad](http://[/sources/a/)", []),
    ],
)  # fmt: skip
def test_the_pages_of_ours_that_a_rationale_links_to(rationale, paths):
    assert cited_paths(rationale, site=SITE) == paths


def test_what_a_rationale_reads():
    text = "# Title\n\nA *b* [c](/d/)\nand `e`.\n\n```\nfence\n```\n"
    assert plain_words(text) == "Title A b c and e. fence"


@given(st.text(alphabet="[]()</>:#?x\\@ .\n&%"))
def test_no_rationale_stops_the_preview(address):
    text = f"[a](http://{address}) [b](<{address}>) {address}"
    cited_paths(text, site=SITE)
    plain_words(text)
