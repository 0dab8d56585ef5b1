"""List pages: search, filters, sort and pager over a queryset, with the whole state in the address (screens §1.4).

A screen describes its list once as a `ListSpec`; `show` answers the page, or only the table where htmx asks for it.
Nothing is loaded to be counted: a list costs one COUNT and one slice, whatever the size of the tenant. The slice is cut on
bare keys, from the nearer end of the list, before anything is joined or read: most of it is done on an index.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.sql.where import WhereNode
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise

from accounts import queries
from accounts.console import local
from accounts.console.answers import page_or_fragment
from accounts.console.menus import MenuItem

M = TypeVar("M", bound=Model)

Label = str | Promise

PAGE_SIZES = (25, 50, 100)
LONGEST_SEARCH = 200
NEIGHBOURS = 2
FEW = 3000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `order` names the fields it sorts by, and without them it does not sort."""

    key: str
    label: Label
    order: tuple[str, ...] = ()
    css: str = ""


@dataclass(frozen=True, slots=True)
class Filter(Generic[M]):
    """A filter of the toolbar.

    Attributes:
        choices: value and label; of a single choice the first one is the default and means everything.
        apply: narrows the rows to the chosen values.
        default: of a filter with several choices, what is ticked when the address says nothing.
        source: the address that knows further choices for what is typed (`console.choices`).
    """

    key: str
    label: Label
    choices: Sequence[tuple[str, Label]]
    apply: Callable[[QuerySet[M], Sequence[str]], QuerySet[M]]
    several: bool = False
    default: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class ListSpec(Generic[M]):
    """What a list shows and how it can be asked.

    Attributes:
        fragment: the template of the table; extends `_table.html` and fills its block `row`.
        columns: the first sortable one, or the one named by `sorted_by`, sorts the list unless the address says otherwise.
        search: narrows the rows to those that contain the words; None hides the search box.
        counted: the number of records in words, as "6 roles".
        empty: the sentence where there is no record at all.
        newest_first: the default sort is descending.
        menu: the row menu of a record.
    """

    fragment: str
    columns: tuple[Column, ...]
    counted: Callable[[int], str]
    empty: Label
    search: Callable[[QuerySet[M], str], QuerySet[M]] | None = None
    filters: tuple[Filter[M], ...] = ()
    newest_first: bool = False
    sorted_by: str = ""
    menu: Callable[[M], Sequence[MenuItem]] | None = None
    id: str = "list"


@dataclass(frozen=True, slots=True)
class Row(Generic[M]):
    """One record with its row menu."""

    record: M
    menu: Sequence[MenuItem]


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a column: its link sorts, `direction` is empty, `ascending` or `descending`."""

    column: Column
    url: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the pager; None stands for a gap."""

    number: int | None
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class FilterState:
    """A filter as the toolbar draws it."""

    filter: Filter[Any]
    chosen: tuple[str, ...]

    @property
    def is_set(self) -> bool:
        """Whether it narrows the list otherwise than by default."""
        return self.chosen != _default(self.filter)

    @property
    def options(self) -> list[tuple[str, Label, bool]]:
        """Value, label and whether it is chosen."""
        return [(value, label, value in self.chosen) for value, label in self.filter.choices]


def _default(spec: Filter[Any]) -> tuple[str, ...]:
    return spec.default if spec.several else (spec.choices[0][0],)


@dataclass
class Listing(Generic[M]):
    """A list in the state its address asks for; templates print it.

    Attributes:
        path: the address of the list.
        fixed: further parameters that its addresses carry along.
        total: how many records there are in all, where that is known already.
        is_own_page: whether the browser's address is the list's, and so keeps its state; false in a tab of another page.
    """

    spec: ListSpec[M]
    everything: QuerySet[M]
    parameters: QueryDict
    path: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    is_own_page: bool = True

    @property
    def can_search(self) -> bool:
        return self.spec.search is not None

    @cached_property
    def words(self) -> str:
        """What is searched for; only where the spec allows searching."""
        if not self.can_search:
            return ""
        return str(self.parameters.get("q", "")).replace("\x00", "").strip()[:LONGEST_SEARCH]

    @cached_property
    def filters(self) -> list[FilterState]:
        """The filters with what is chosen; values they do not know are ignored."""
        return [FilterState(spec, self._chosen(spec)) for spec in self.spec.filters]

    def _chosen(self, spec: Filter[M]) -> tuple[str, ...]:
        given = self.parameters.getlist(spec.key)
        known = tuple(value for value, _ in spec.choices if value in given)
        return (known if spec.several else known[:1]) or _default(spec)

    @cached_property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter is at work."""
        return bool(self.words) or any(state.is_set for state in self.filters)

    @cached_property
    def matching(self) -> QuerySet[M]:
        """All records that match, in order."""
        found = self._unordered if self._few is None else self._of_keys(self._few)
        return found.order_by(*self._order)

    @cached_property
    def _order(self) -> list[str]:
        column, descending = self.sort
        # Ends on the primary key, so that pages neither repeat nor skip a record where others are equal.
        order = [*column.order, "pk"]
        return [_reversed(name) for name in order] if descending else order

    def _of_keys(self, keys: Any) -> QuerySet[M]:
        """The records of keys that were found among those of the list, with all that its rows print."""
        found = self.everything.order_by()
        # The conditions have been asked of the keys. Repeated, they would lead SQLite to an index of the whole tenant.
        found.query.where = WhereNode()
        return found.filter(pk__in=keys)

    @cached_property
    def _unordered(self) -> QuerySet[M]:
        found = self.everything.order_by()
        for state in self.filters:
            found = state.filter.apply(found, state.chosen)
        if self.words and self.spec.search is not None:
            found = self.spec.search(found, self.words)
        return found

    @cached_property
    def _few(self) -> list[Any] | None:
        """The keys of what a search found, in order, where it found few; None where it found many, or nobody searches.

        Looking for a part of a word reads every row of the tenant. This way it does so once: the count and the page come
        from the keys. Where many match, counting and the first pages find theirs soon enough.
        """
        if not self.words:
            return None
        (column, descending), features = self.sort, connections[self.everything.db].features
        found = list(self._unordered.values_list(*column.order, "pk")[: FEW + 1])
        if len(found) > FEW:
            return None
        nulls_first = features.order_by_nulls_first

        def place(row: Sequence[Any]) -> list[tuple[Any, ...]]:
            return [(1, value) if value is not None else (0 if nulls_first else 2,) for value in row]

        found.sort(key=place, reverse=descending)
        return [row[-1] for row in found]

    @cached_property
    def sort(self) -> tuple[Column, bool]:
        """The column that sorts, and whether descending."""
        given = str(self.parameters.get("sort", ""))
        for column in self._sortable:
            if given in (column.key, f"-{column.key}"):
                return column, given.startswith("-")
        return self._default_sort

    @property
    def _default_sort(self) -> tuple[Column, bool]:
        named = (column for column in self._sortable if column.key == self.spec.sorted_by)
        return next(named, self._sortable[0]), self.spec.newest_first

    @property
    def _sortable(self) -> list[Column]:
        return [column for column in self.spec.columns if column.order]

    @cached_property
    def count(self) -> int:
        """How many records match."""
        if self.total is not None and not self.is_narrowed:
            return self.total
        return self._unordered.count() if self._few is None else len(self._few)

    @property
    def counted(self) -> str:
        """The number of records in words, with its thousands apart."""
        return local.counted(self.spec.counted(self.count), self.count)

    @cached_property
    def per_page(self) -> int:
        """Records on a page."""
        given = str(self.parameters.get("per", ""))
        return next((size for size in PAGE_SIZES if given == str(size)), PAGE_SIZES[0])

    @cached_property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.count // self.per_page))

    @cached_property
    def page(self) -> int:
        """The page shown: the last one if the address asks for more."""
        given = str(self.parameters.get("page", ""))
        return min(max(int(given), 1), self.pages) if given.isdecimal() and len(given) < 10 else 1

    @cached_property
    def rows(self) -> list[Row[M]]:
        """The records of this page."""
        menu = self.spec.menu
        records = self._of_keys(self._keys).order_by(*self._order)
        return [Row(record, menu(record) if menu else ()) for record in records]

    @property
    def _keys(self) -> Sequence[Any] | QuerySet[M, Any]:
        """The keys of this page's records, counted off from the nearer end of the list."""
        start = (self.page - 1) * self.per_page
        stop = min(start + self.per_page, self.count)
        if self._few is not None:
            return self._few[start:stop]
        order = self._order
        if self.count - stop < start:
            start, stop, order = self.count - stop, self.count - start, [_reversed(name) for name in order]
        found = self._unordered.order_by(*order).values("pk")
        return (queries.sorted_apart(found) if self.count <= FEW else found)[start:stop]

    @property
    def headers(self) -> Iterator[Header]:
        """The heads of the columns: a click sorts ascending, another one descending."""
        sorting, descending = self.sort
        for column in self.spec.columns:
            if not column.order:
                yield Header(column)
            elif column is sorting:
                key = column.key if descending else f"-{column.key}"
                yield Header(column, self.url(sort=key, page=None), "descending" if descending else "ascending")
            else:
                yield Header(column, self.url(sort=column.key, page=None))

    @property
    def page_links(self) -> Iterator[PageLink]:
        """The pager: first, last and the neighbours of the present page."""
        previous = 0
        for number in range(1, self.pages + 1) if self.pages <= 7 else self._window():
            if number - previous > 1:
                yield PageLink(None)
            yield PageLink(number, self.url(page=number), number == self.page)
            previous = number

    def _window(self) -> list[int]:
        near = range(self.page - NEIGHBOURS, self.page + NEIGHBOURS + 1)
        return sorted({1, self.pages, *(number for number in near if 1 <= number <= self.pages)})

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page - 1) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.page + 1) if self.page < self.pages else ""

    @property
    def sizes(self) -> Sequence[int]:
        return PAGE_SIZES

    @property
    def sort_key(self) -> str:
        """The `sort` parameter of the present order; empty for the default one."""
        column, descending = self.sort
        return "" if self.sort == self._default_sort else f"{'-' if descending else ''}{column.key}"

    @property
    def clear_url(self) -> str:
        """The list without search and filters, in the same order."""
        return self._address({"sort": self.sort_key, "per": self._per})

    @property
    def _per(self) -> str:
        return "" if self.per_page == PAGE_SIZES[0] else str(self.per_page)

    def url(self, **changes: str | int | None) -> str:
        """The address of the list in this state with some of it changed; what is as by default is left out."""
        state: dict[str, Any] = {"q": self.words}
        state |= {filters.filter.key: list(filters.chosen) for filters in self.filters if filters.is_set}
        state |= {"sort": self.sort_key, "per": self._per, "page": self.page if self.page > 1 else ""}
        return self._address(state | changes)

    def _address(self, state: Mapping[str, Any]) -> str:
        query = urlencode({name: value for name, value in {**self.fixed, **state}.items() if value}, doseq=True)
        return f"{self.path}?{query}" if query else self.path


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def is_inside_another_page(request: HttpRequest) -> bool:
    """Whether htmx puts the answer into a page of another address: a tab, a dialog."""
    opened = request.headers.get("HX-Current-URL")
    return opened is not None and urlsplit(opened).path != request.path


def listing(request: HttpRequest, spec: ListSpec[M], rows: QuerySet[M]) -> Listing[M]:
    """The list in the state that the request asks for."""
    return Listing(spec, rows, request.GET, request.path)


def show(request: HttpRequest, template: str, spec: ListSpec[M], rows: QuerySet[M], **context: object) -> HttpResponse:
    """Answer a list page, or only its table where htmx asks.

    Args:
        template: the whole page; extends `list.html`.
        rows: every record that the actor may see.
        context: what else the page shows.
    """
    return show_inside(request, template, spec.fragment, spec, rows, **context)


def show_inside(
    request: HttpRequest, template: str, tab: str, spec: ListSpec[M], rows: QuerySet[M], **context: object
) -> HttpResponse:
    """Answer a list that is the content of a tab: the tab when it opens, the table when it is searched, a page otherwise.

    Args:
        template: the page of its own, for browsers without JavaScript.
        tab: the fragment with toolbar and table.
    """
    return answer(request, template, tab, listing(request, spec, rows), **context)


def answer(request: HttpRequest, template: str, tab: str, found: Listing[M], **context: object) -> HttpResponse:
    """Answer a list that a screen has made itself; otherwise as `show_inside`."""
    spec = found.spec
    found.is_own_page = not is_inside_another_page(request)
    fragment = spec.fragment if request.headers.get("HX-Target") == spec.id else tab
    response = page_or_fragment(request, template, fragment, {"listing": found, **context})
    # A form would put its empty fields into the address. Typing and filtering do not fill up the history either.
    header = {f"{spec.id}-form": "HX-Replace-Url", f"{spec.id}-per": "HX-Push-Url"}
    trigger = header.get(request.headers.get("HX-Trigger", ""))
    if trigger and found.is_own_page:
        response[trigger] = found.url()
    return response
