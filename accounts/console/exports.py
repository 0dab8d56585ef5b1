"""Tables as CSV files: sent while they are read, and harmless in a spreadsheet (`accounts.spreadsheets`)."""

from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from accounts import spreadsheets


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """Answer a CSV file (RFC 4180) that is made while it is sent, so that its size does not matter.

    Args:
        name: of the file, without its ending.
    """

    def lines() -> Iterator[str]:
        yield spreadsheets.header(head)
        yield from map(spreadsheets.line, rows)

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
