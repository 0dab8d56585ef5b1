"""Whether the instance can serve."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse

from cxadmin import __version__


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 with the version once the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "version": __version__})
