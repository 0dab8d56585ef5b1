"""The SCIM endpoints: django-scim2's views with our authentication, errors, queries and writes.

Every view is authenticated in `dispatch`, whatever address it is included under; errors of every kind leave here as SCIM
documents, and only here.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import django_scim.views
import orjson
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_scim import constants

from accounts import errors as rules
from accounts.actions import provisioning
from accounts.ids import as_uuid
from accounts.models import AccountSettings, Employee, Group
from accounts.statements import About, RecordQuestion, Row, vendor
from scim import auth, bulk, listing, patch, requests, resources, rows, schemas
from scim.adapters import Adapter, GroupAdapter, UserAdapter, row_of_group
from scim.attributes import GROUPS, USERS, Table, for_fields
from scim.auth import Session
from scim.documents import Document
from scim.errors import (
    BadFilter,
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    ScimError,
    TooManyRequests,
    Unauthorized,
    from_rule,
)
from scim.filters import compile_filter, username_sought
from scim.patch import Operation
from scim.projection import Projection
from scim.requests import Query
from scim.rows import GroupRow, UserRow

logger = logging.getLogger(__name__)

MEDIA_TYPE = constants.SCIM_CONTENT_TYPE
UNLOCKED_ATTEMPTS = 3
EVERYTHING = "*"
DOCUMENTED = AccountSettings.Profile.DOCUMENTED


class ScimRequest(HttpRequest):
    """A request after authentication."""

    scim: Session
    request_id: str


def answer(
    document: Document, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = MEDIA_TYPE
) -> HttpResponse:
    """A SCIM answer."""
    content = orjson.dumps(document)
    response = HttpResponse(content, status=status, content_type=media_type, headers=headers)
    response["Content-Length"] = str(len(content))
    return response


class ScimView(django_scim.views.SCIMView):
    """Authenticates, finds the method, and turns whatever goes wrong into a SCIM error.

    Attributes:
        documented: the view that answers tenants with the profile `documented` (spec §9.1) at this address.
        is_public: answers without a credential, too.
        is_query: reads only, whatever the method.
    """

    request: ScimRequest
    family: auth.Family
    documented: "type[ScimView] | None" = None
    is_public = False
    is_query = False

    def dispatch(self, request: Any, *args: Any, family: str | None = None, **kwargs: Any) -> HttpResponseBase:
        self.family = family or ""  # type: ignore[assignment]

        def authenticated() -> HttpResponseBase:
            request.scim = self._session(request)
            view = self._of_profile(request)
            return view.guarded(lambda: view.perform(request, *args, **kwargs))

        response = self.guarded(authenticated)
        if request.method == "HEAD":
            response.content = b""  # type: ignore[attr-defined]
        return response

    def _session(self, request: ScimRequest) -> Session | None:
        try:
            return auth.authenticate(request, self.family, self.about(request))
        except Unauthorized:
            if self.is_public:
                return None
            raise

    def about(self, request: ScimRequest) -> About | None:
        """The record a request is about, as far as its address tells: it is read together with the credential, and looked at
        only after authorisation. Raises nothing."""
        return None

    def _of_profile(self, request: ScimRequest) -> "ScimView":
        """The view that answers in the tenant's profile."""
        if self.documented is None or request.scim is None or request.scim.settings.profile != DOCUMENTED:
            return self
        view = self.documented()
        view.setup(request, *self.args, **self.kwargs)
        view.family = self.family
        return view

    def perform(self, request: ScimRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer an authenticated request, if its method exists here and its sender may use it."""
        method = (request.method or "").lower()
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            raise MethodNotAllowed(f"{(request.method or '')[:20]} is not possible here.")
        if request.scim is not None and method != "options":
            self.authorize(request)
        response: HttpResponseBase = handler(request, *args, **kwargs)
        return response

    def authorize(self, request: ScimRequest) -> None:
        """R-ACC-1, by the method.

        Raises:
            NotAllowed: names the permission that is missing.
        """
        request.scim.require("GET" if self.is_query else request.method or "")

    def guarded(self, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """The answer of `work`, or the document of what went wrong in it."""
        try:
            return work()
        except ScimError as error:
            return self.failure(error)
        except rules.RuleError as error:
            return self.failure(from_rule(error))
        except (BadRequest, SuspiciousOperation) as error:
            return self.failure(ScimError(str(error), status=400, scim_type="invalidSyntax"))
        except Exception:
            logger.exception("SCIM request %s failed", self.request.request_id)
            apology = f"Something went wrong here. Request {self.request.request_id}."
            return self.failure(ScimError(apology, status=500))

    def failure(self, error: ScimError) -> HttpResponse:
        """An error as its document, with the headers its status asks for."""
        response = self.error_answer(error)
        if isinstance(error, Unauthorized):
            response["WWW-Authenticate"] = auth.challenge(self.family)
        if isinstance(error, TooManyRequests):
            response["Retry-After"] = str(error.wait)
        # Django would log every 4xx as a warning; what a client did wrong is in its answer.
        response._has_been_logged = True  # type: ignore[attr-defined]
        if isinstance(error, MethodNotAllowed):
            response["Allow"] = ", ".join(self._allowed_methods())
        return response

    def error_answer(self, error: ScimError) -> HttpResponse:
        """The body of a refusal."""
        return answer(error.to_dict(), error.status)

    def options(self, request: ScimRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The methods of this address."""
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": ", ".join(self._allowed_methods())})


class NotHere(ScimView):
    """Any other address below the base address."""

    def _missing(self, request: ScimRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise NotFound("There is nothing at this address.")

    get = post = put = patch = delete = _missing


class ResourceView(ScimView):
    """What Users and Groups have in common: one resource type, its table, its rows."""

    table: Table
    adapter: type[Adapter]
    record: RecordQuestion

    def get(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """One resource, or the list."""
        if uuid is None:
            table = self._own_table(request)
            return self._list(request, requests.query_of_parameters(request, table, self.table.resource))
        projection = self._projection(request)
        row = self._row(request, uuid, projection)
        adapter = self._adapt(row)
        tag = resources.version(row.version)
        requests.require_match(request, tag)
        if requests.is_known(request, tag):
            headers = {"ETag": tag, "Content-Location": adapter.location}
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return self._one(adapter, projection)

    def post(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """Create a resource."""
        self._refuse_id(uuid)
        body = requests.body(request)
        adapter = self._adapt(None)
        adapter.validate_dict(body)
        adapter.from_dict(body)
        adapter.save()
        return self._one(adapter, self._projection(request), HTTPStatus.CREATED)

    def put(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """Replace a resource."""
        pk, body = self._pk(uuid), requests.body(request)

        def replace(adapter: Adapter) -> HttpResponse:
            adapter.validate_dict(body)
            adapter.from_dict(body)
            adapter.save()
            return self._one(adapter, self._projection(request))

        return self._changed(request, pk, replace)

    def patch(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """Change parts of a resource: all operations or none (R-SCIM-14)."""
        pk, operations = self._pk(uuid), self._operations(request)

        def modify(adapter: Adapter) -> HttpResponse:
            adapter.handle_operations(operations)
            return self._one(adapter, self._projection(request))

        return self._changed(request, pk, modify)

    def delete(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """Delete a resource."""

        def remove(adapter: Adapter) -> HttpResponse:
            adapter.delete()
            return HttpResponse(status=HTTPStatus.NO_CONTENT)

        return self._changed(request, self._pk(uuid), remove)

    def _operations(self, request: ScimRequest) -> list[Operation]:
        return patch.read(requests.body(request), tolerant=request.scim.settings.tolerances)

    def _projection(self, request: ScimRequest) -> Projection | None:
        return requests.projection_of(request, self._own_table(request))

    def _own_table(self, request: ScimRequest) -> Table:
        return for_fields(self.table, request.scim.settings.fields)

    def _adapt(self, obj: Any) -> Adapter:
        return self.adapter(obj, request=self.request)

    def _refuse_id(self, uuid: str | None) -> None:
        if uuid is not None:
            raise MethodNotAllowed("A resource is created at the address of its kind, without an id.")

    def _pk(self, text: str | None) -> uuid.UUID:
        """The id in the address.

        Raises:
            NotFound: it is none of ours.
        """
        if text is None:
            raise MethodNotAllowed(f"{self.request.method} needs the id of a resource in the address.")
        pk = as_uuid(text)
        if pk is None:
            raise self._not_found(text)
        return pk

    def _not_found(self, text: str) -> NotFound:
        return NotFound(f"There is no {self.table.resource} with the id {text[:100]}.")

    def _changed(self, request: ScimRequest, pk: uuid.UUID, change: Callable[[Adapter], HttpResponse]) -> HttpResponse:
        """Read, change, and write if nobody else did meanwhile; else again. Only a resource fought over is locked: a lock
        costs a transaction of three round trips around every change."""
        for _attempt in range(UNLOCKED_ATTEMPTS):
            row = request.scim.row((self.record, pk))
            record = self.record.load(row) if row is not None else None
            try:
                return change(self._expected(request, record, pk))
            except rules.ChangedMeanwhile:
                continue
        with transaction.atomic():
            return change(self._expected(request, self._locked(request, pk), pk))

    def _expected(self, request: ScimRequest, record: Any, pk: uuid.UUID) -> Adapter:
        """The resource, in the state the client expects (If-Match).

        Raises:
            NotFound: there is none.
            PreconditionFailed: it is in another state.
        """
        if record is None:
            raise self._not_found(str(pk))
        tag = resources.version(record.version)
        requests.require_match(request, tag)
        if requests.is_known(request, tag):
            raise PreconditionFailed("The resource is the one that If-None-Match rules out.")
        return self._adapt(record)

    def _one(self, adapter: Adapter, projection: Projection | None, status: int = HTTPStatus.OK) -> HttpResponse:
        document = self._shown(adapter, projection)
        meta = document["meta"]
        headers = {"Location": meta["location"], "Content-Location": meta["location"], "ETag": meta["version"]}
        return answer(projection.apply(document) if projection else document, status, headers)

    def _shown(self, adapter: Adapter, projection: Projection | None) -> Document:
        document: Document = adapter.to_dict()
        return document

    def _list(self, request: ScimRequest, query: Query) -> HttpResponse:
        return answer(listing.page([self.kind(request, query)], query, request.scim.actor.business_unit_id))

    def kind(self, request: ScimRequest, query: Query) -> listing.Kind:
        """What meets the query, for `listing` to cut a page from.

        Raises:
            BadFilter: the filter is no filter of this kind of resource.
        """
        found = self._listed(request)
        if query.filter:
            found = found.filter(compile_filter(query.filter, self.table))
        return listing.Kind(self.table, found, self._rows, lambda row: self._adapt(row).to_dict())

    def _row(self, request: ScimRequest, text: str, projection: Projection | None) -> Any:
        raise NotImplementedError

    def _locked(self, request: ScimRequest, pk: uuid.UUID) -> Any:
        raise NotImplementedError

    def _listed(self, request: ScimRequest) -> QuerySet[Any]:
        raise NotImplementedError

    def _rows(self, found: QuerySet[Any], projection: Projection | None, more: tuple[str, ...]) -> listing.Rows:
        raise NotImplementedError


class UsersView(ResourceView, django_scim.views.UsersView):
    """Employees."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options"]
    table = USERS
    adapter = UserAdapter
    record = rows.USER_RECORD

    def about(self, request: ScimRequest) -> About | None:
        """The user of the address, the one whose name is looked up, how many there are to list, what a new one gets."""
        reads, pk = request.method in ("GET", "HEAD"), as_uuid(self.kwargs.get("uuid"))
        if pk is not None:
            return (rows.USER if reads else self.record), pk
        if not reads:
            # On SQLite a statement costs less than the join.
            return (provisioning.DEFAULTS,) if request.method == "POST" and vendor() == "postgresql" else None
        asked = request.META.get("QUERY_STRING", "")
        if "filter=" not in asked:
            return (rows.USER_TOTAL,) if "sortBy=" not in asked and "cursor=" not in asked else None
        key = self._name_sought(request)
        return (rows.USER_NAMED, key) if key is not None else None

    @staticmethod
    def _name_sought(request: ScimRequest) -> str | None:
        try:
            return username_sought(request.GET.get("filter", "").strip())
        except SuspiciousOperation:
            return None  # refused where the query is read

    def _row(self, request: ScimRequest, text: str, projection: Projection | None) -> UserRow:
        row = request.scim.row((rows.USER, self._pk(text)))
        if row is None:
            raise self._not_found(text)
        return UserRow(*row)

    def _locked(self, request: ScimRequest, pk: uuid.UUID) -> Employee | None:
        found = rows.user_records(rows.listed_users(request.scim.actor.business_unit_id).filter(pk=pk))
        return found.select_for_update(of=("self",)).first()

    def _list(self, request: ScimRequest, query: Query) -> HttpResponse:
        """The look-up by user name before every write, and the plain list, are constant statements; others are built."""
        if query.sort_by or query.cursor is not None:
            return super()._list(request, query)
        unit = request.scim.actor.business_unit_id
        key = username_sought(query.filter) if query.filter else None
        if key is not None:
            row = request.scim.row((rows.USER_NAMED, key))
            named = [row] if row is not None else []
            return self._listing(request, query, named[query.start - 1 :] if query.count else [], len(named))
        if query.filter:
            return super()._list(request, query)
        counted = request.scim.row((rows.USER_TOTAL,))
        total = counted[0] if counted else 0
        wanted = query.count and query.start <= total
        page = rows.USER_PAGE.rows(unit, query.start - 1, query.count) if wanted else []
        return self._listing(request, query, page, total)

    def _listing(self, request: ScimRequest, query: Query, found: Sequence[Row], total: int) -> HttpResponse:
        page = [resources.user(UserRow._make(row), request.scim.base_url) for row in found]
        return answer(listing.list_response(listing.projected(page, query), total, startIndex=query.start))

    def _listed(self, request: ScimRequest) -> QuerySet[Any]:
        return rows.listed_users(request.scim.actor.business_unit_id)

    def _rows(self, found: QuerySet[Any], projection: Projection | None, more: tuple[str, ...]) -> listing.Rows:
        width = len(UserRow._fields)
        return [(UserRow._make(row[:width]), row[width:]) for row in rows.user_rows(found, *more)]


class GroupsView(ResourceView, django_scim.views.GroupsView):
    """Groups of employees; no rights come from them."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options"]
    table = GROUPS
    adapter = GroupAdapter
    record = rows.GROUP_RECORD

    def about(self, request: ScimRequest) -> About | None:
        """The group that is to be changed."""
        pk = as_uuid(self.kwargs.get("uuid"))
        return (self.record, pk) if pk is not None and request.method not in ("GET", "HEAD") else None

    def _row(self, request: ScimRequest, text: str, projection: Projection | None) -> GroupRow:
        return self._read(request, self._pk(text), text, projection)

    def _read(self, request: ScimRequest, pk: uuid.UUID, text: str, projection: Projection | None) -> GroupRow:
        alone = leaves_out_members(projection)
        row = (rows.GROUP_ALONE if alone else rows.GROUP).row(request.scim.actor.business_unit_id, pk)
        if row is None:
            raise self._not_found(text)
        return GroupRow._make((*row, None)) if alone else GroupRow(*row)

    def _locked(self, request: ScimRequest, pk: uuid.UUID) -> Group | None:
        return rows.listed_groups(request.scim.actor.business_unit_id).filter(pk=pk).select_for_update().first()

    def _listed(self, request: ScimRequest) -> QuerySet[Any]:
        return rows.listed_groups(request.scim.actor.business_unit_id)

    def _rows(self, found: QuerySet[Any], projection: Projection | None, more: tuple[str, ...]) -> listing.Rows:
        alone = leaves_out_members(projection)
        read = rows.group_rows(found, *more, with_members=not alone)
        width = len(GroupRow._fields) - alone
        return [(GroupRow(*row[:width], *([None] if alone else [])), row[width:]) for row in read]

    def _adapt(self, obj: Any) -> GroupAdapter:
        adapter = GroupAdapter(obj, request=self.request)
        if isinstance(obj, Group):
            adapter.shows_members = not leaves_out_members(self._projection(self.request))
        return adapter

    def _shown(self, adapter: Any, projection: Projection | None) -> Document:
        """A group that was just written is read again if its members are wanted and not known from the change."""
        group = adapter.obj
        if isinstance(group, Group):
            known = adapter.members is not None or not adapter.shows_members
            adapter.obj = (
                row_of_group(group, adapter.members)
                if known
                else self._read(self.request, group.pk, str(group.pk), projection)
            )
        return super()._shown(adapter, projection)


def leaves_out_members(projection: Projection | None) -> bool:
    """Whether the members of a group need not be read."""
    return projection is not None and projection.leaves_out("members")


class SearchMixin:
    """`POST …/.search`: a query whose parameters are in the body (RFC 7644 §3.4.3)."""

    http_method_names = ["post", "options"]
    is_query = True
    table: Table
    _list: Callable[..., HttpResponse]
    _own_table: Callable[..., Table]

    def about(self, request: ScimRequest) -> About | None:
        """Nothing: the query is in the body."""
        return None

    def post(self, request: ScimRequest, **_: Any) -> HttpResponse:
        """Answer the query."""
        return self._list(
            request, requests.query_of_body(requests.body(request), self._own_table(request), self.table.resource)
        )


class UserSearchView(SearchMixin, UsersView):  # type: ignore[misc]
    """`/Users/.search`."""


class GroupSearchView(SearchMixin, GroupsView):  # type: ignore[misc]
    """`/Groups/.search`."""


class EverythingView(ScimView):
    """`/.search` and the base address itself: a query over all kinds of resources, Users before Groups (RFC 7644 §3.4.2.1)."""

    http_method_names = ["get", "head", "post", "options"]
    is_query = True

    def get(self, request: ScimRequest, **_: Any) -> HttpResponse:
        """The query in the address."""
        return self._everything(request, requests.query_of_parameters(request, USERS, EVERYTHING))

    def post(self, request: ScimRequest, **_: Any) -> HttpResponse:
        """The query in the body."""
        return self._everything(request, requests.query_of_body(requests.body(request), USERS, EVERYTHING))

    def _everything(self, request: ScimRequest, query: Query) -> HttpResponse:
        return answer(listing.page(self._kinds(request, query), query, request.scim.actor.business_unit_id))

    @staticmethod
    def _kinds(request: ScimRequest, query: Query) -> list[listing.Kind]:
        """The kinds that have the attributes of the filter.

        Raises:
            BadFilter: no kind has them.
        """
        found: list[listing.Kind] = []
        trouble: BadFilter | None = None
        for kind in (UsersView, GroupsView):
            view = kind()
            view.setup(request)
            try:
                found.append(view.kind(request, query))
            except BadFilter as error:
                trouble = trouble or error
        if trouble is not None and not found:
            raise trouble
        return found


class MeView(UsersView):
    """`/Me`: the acting employee, under its own permanent address (RFC 7644 §3.11)."""

    http_method_names = ["get", "head", "put", "patch", "delete", "options"]

    def about(self, request: ScimRequest) -> About | None:
        """Nothing: who it is shows only once the credential is read."""
        return None

    def perform(self, request: ScimRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The same as at the employee's own address."""
        return super().perform(request, uuid=str(request.scim.actor.employee_id))


class BulkView(ScimView):
    """`/Bulk`: many operations in one request (RFC 7644 §3.7); each is authorised, checked and stored on its own."""

    http_method_names = ["post", "options"]

    def authorize(self, request: ScimRequest) -> None:
        """Some right to write; each operation then needs its own."""
        if not request.scim.may("POST"):
            request.scim.require("PATCH")

    def post(self, request: ScimRequest, **_: Any) -> HttpResponse:
        """Do the operations."""
        job = bulk.read(requests.body(request, limit=bulk.MOST_BYTES))
        return answer(bulk.run(job, lambda operation: self._one_of_many(request, operation)))

    def _one_of_many(self, request: ScimRequest, operation: bulk.Operation) -> bulk.Result:
        """One operation, as if it had been sent alone."""
        alone = HttpRequest()
        alone.method = operation.method
        alone.content_type = MEDIA_TYPE
        alone.META = {"HTTP_IF_MATCH": operation.version} if operation.version else {}
        alone._body = orjson.dumps(operation.data) if operation.data is not None else b""
        alone.scim, alone.request_id = request.scim, request.request_id  # type: ignore[attr-defined]
        view: ScimView = {"users": UsersView, "groups": GroupsView}.get(operation.endpoint.lower(), NotHere)()
        view.setup(alone, uuid=operation.uuid)
        view.family = self.family
        response: Any = view.guarded(lambda: view.perform(alone, uuid=operation.uuid))  # type: ignore[arg-type]
        location = response.headers.get("Location")
        if location is None and operation.uuid is not None:
            location = f"{request.scim.base_url}{operation.path}"
        return bulk.Result(response.status_code, location, response.headers.get("ETag"), response.content)


class DiscoveryView(ScimView):
    """Lists of documents that describe the service; reading them is all one can do."""

    http_method_names = ["get", "head", "options"]
    is_query = True

    def get(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """One document, or all."""
        if "filter" in request.GET:
            raise NotAllowed("Discovery cannot be filtered.")
        documents = self.documents(request)
        if uuid is None:
            return answer(listing.list_response(documents, len(documents), startIndex=1))
        found = next((document for document in documents if document["id"].lower() == uuid.lower()), None)
        if found is None:
            raise NotFound(f"There is no {self.thing} {uuid[:200]}.")
        return answer(found)

    thing = ""

    def documents(self, request: ScimRequest) -> list[Document]:
        raise NotImplementedError


class SchemasView(DiscoveryView, django_scim.views.SchemasView):
    """`/Schemas`."""

    thing = "schema"

    def documents(self, request: ScimRequest) -> list[Document]:
        return schemas.schemas(request.scim)


class ResourceTypesView(DiscoveryView, django_scim.views.ResourceTypesView):
    """`/ResourceTypes`."""

    thing = "resource type"

    def documents(self, request: ScimRequest) -> list[Document]:
        return schemas.resource_types(request.scim.base_url)


class ServiceProviderConfigView(ScimView, django_scim.views.ServiceProviderConfigView):
    """`/ServiceProviderConfig`, the one address that needs no credential (spec §9.1)."""

    http_method_names = ["get", "head", "options"]
    is_public = True

    def get(self, request: ScimRequest, **_: Any) -> HttpResponse:
        """The document."""
        if "filter" in request.GET:
            raise NotAllowed("Discovery cannot be filtered.")
        return answer(schemas.service_provider_config(auth.base_url(self.family)))
