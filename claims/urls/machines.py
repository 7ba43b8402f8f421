"""What programs read: one address each, whatever the language of the reader behind them."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path
from django.views.decorators.http import require_safe

from ..views.feeds import CorrectionFeed, VerdictFeed
from ..views.sitemaps import PublicPages, robots

urlpatterns = [
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
