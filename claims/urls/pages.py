"""The readers' pages: each has one address in each language (config/urls.py)."""

from django.urls import path

from ..views import (
    changes,
    claim_list,
    claims,
    data,
    editions,
    match,
    oembed,
    parity,
    reports,
    search,
    sources,
    speakers,
    style,
    topics,
    transcripts,
    trust,
)

urlpatterns = [
    path("", claims.home, name="home"),
    path("claims/", claim_list.claim_list, name="claims"),
    path("claims/<slug:slug>/", claims.claim_detail, name="claim"),
    path("claims/<slug:slug>/history/", claims.claim_history, name="claim_history"),
    path("claims/<slug:slug>/verdicts/<int:version>/", claims.verdict_detail, name="verdict"),
    path("claims/<slug:slug>/embed/", oembed.claim_embed, name="claim_embed"),
    path("claims/<slug:slug>/report/", reports.claim_report, name="claim_report"),
    path(
        "claims/<slug:slug>/report/<str:receipt>/",
        reports.claim_report_receipt,
        name="claim_report_receipt",
    ),
    path("speakers/", speakers.speaker_list, name="speakers"),
    path("speakers/<slug:slug>/", speakers.speaker_detail, name="speaker"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/<slug:slug>/", sources.source_detail, name="source"),
    path("sources/<slug:slug>/verify/", editions.source_verify, name="source_verify"),
    path("sources/<slug:slug>/editions/<int:edition>/", editions.edition, name="edition"),
    path(
        "sources/<slug:slug>/editions/<int:edition>/view",
        editions.edition_view,
        name="edition_view",
    ),
    path(
        "sources/<slug:slug>/editions/<int:edition>/changes/",
        changes.edition_changes,
        name="edition_changes",
    ),
    path("transcripts/<slug:slug>/", transcripts.transcript_detail, name="transcript"),
    path("topics/", topics.topic_list, name="topics"),
    path("topics/<slug:slug>/", topics.topic_detail, name="topic"),
    path("search/", search.search, name="search"),
    path("match/", match.match, name="match"),
    path("corrections/", trust.corrections, name="corrections"),
    path("corrections/reports/", reports.reader_reports, name="reader_reports"),
    path("methodology/", trust.methodology, name="methodology"),
    path("methodology/parity/", parity.parity, name="parity"),
    path("about/", trust.about, name="about"),
    path("limits/", trust.limits, name="limits"),
    path("data/", data.data, name="data"),
    path("style/", style.style, name="style"),  # answers with DEBUG on alone
]
