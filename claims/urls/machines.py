"""What programs read: one address each, whatever the language of the reader behind them."""

from django.urls import path
from django.views.decorators.http import require_safe

from ..views import cards, citations, claimreview, data, editions, oembed, parity, reports, sitemaps
from ..views.feeds import CorrectionFeed, SpeakerFeed, TopicFeed, VerdictFeed

urlpatterns = [
    path("feeds/verdicts.atom", require_safe(VerdictFeed()), name="verdict_feed"),
    path("feeds/corrections.atom", require_safe(CorrectionFeed()), name="correction_feed"),
    path("feeds/topics/<slug:slug>.atom", require_safe(TopicFeed()), name="topic_feed"),
    path("feeds/speakers/<slug:slug>.atom", require_safe(SpeakerFeed()), name="speaker_feed"),
    path("data/claimreview.jsonld", claimreview.claimreview_feed, name="claimreview_feed"),
    path("data/parity.json", parity.parity_json, name="parity_json"),
    path("data/parity.csv", parity.parity_csv, name="parity_csv"),
    path("data/<path:path>", data.data_file, name="data_file"),  # after those that are no files
    path(
        "claims/<slug:slug>/claimreview.jsonld",
        claimreview.claim_claimreview,
        name="claim_claimreview",
    ),
    path("claims/<slug:slug>/card.png", cards.claim_card, name="claim_card"),
    path("claims/<slug:slug>/citation.json", citations.claim_csl, name="claim_csl"),
    path("claims/<slug:slug>/citation.bib", citations.claim_bibtex, name="claim_bibtex"),
    path(
        "sources/<slug:slug>/editions/<int:edition>/bytes",
        editions.edition_bytes,
        name="edition_bytes",
    ),
    path(
        "sources/<slug:slug>/editions/<int:edition>/text",
        editions.edition_text,
        name="edition_text",
    ),
    path(
        "sources/<slug:slug>/editions/<int:edition>/snapshot.warc.gz",
        editions.edition_warc,
        name="edition_warc",
    ),
    path("corrections/reports.csv", reports.reader_reports_csv, name="reader_reports_csv"),
    path("verify.py", editions.verify_script, name="verify_script"),
    path("verify_log.py", editions.verify_log_script, name="verify_log_script"),
    path("card.png", cards.site_card, name="site_card"),
    path("oembed", oembed.oembed, name="oembed"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
]
