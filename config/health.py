"""Two questions that a load balancer asks: is the process alive, and can it do its work?"""

import logging

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. The database is not asked: a restart would not mend it."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, so this process can be sent readers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        # The details may hold host names and user names: they go to the log, not to the public.
        logger.exception("The database does not answer")
        return HttpResponse(
            f"The database does not answer ({type(error).__name__}). The server's log says why.\n",
            content_type="text/plain; charset=utf-8",
            status=503,
        )
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
