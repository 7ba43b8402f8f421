"""The readers' pages."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path
from django.views.decorators.http import require_safe

from .views import claims, search, sources, speakers, topics, transcripts, trust
from .views.feeds import CorrectionFeed, VerdictFeed
from .views.sitemaps import PublicPages, robots

urlpatterns = [
    path("", claims.home, name="home"),
    path("claims/", claims.claim_list, name="claims"),
    path("claims/<slug:slug>/", claims.claim_detail, name="claim"),
    path("claims/<slug:slug>/history/", claims.claim_history, name="claim_history"),
    path("claims/<slug:slug>/verdicts/<int:version>/", claims.verdict_detail, name="verdict"),
    path("speakers/", speakers.speaker_list, name="speakers"),
    path("speakers/<slug:slug>/", speakers.speaker_detail, name="speaker"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/<slug:slug>/", sources.source_detail, name="source"),
    path("transcripts/<slug:slug>/", transcripts.transcript_detail, name="transcript"),
    path("topics/", topics.topic_list, name="topics"),
    path("topics/<slug:slug>/", topics.topic_detail, name="topic"),
    path("search/", search.search, name="search"),
    path("corrections/", trust.corrections, name="corrections"),
    path("methodology/", trust.methodology, name="methodology"),
    path("feeds/verdicts.atom", require_safe(VerdictFeed()), name="verdict_feed"),
    path("feeds/corrections.atom", require_safe(CorrectionFeed()), name="correction_feed"),
    path(
        "sitemap.xml",
        require_safe(sitemap),
        {"sitemaps": {"pages": PublicPages}},
        name="sitemap",
    ),
    path("robots.txt", robots, name="robots"),
]
