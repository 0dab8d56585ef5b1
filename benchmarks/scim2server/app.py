"""scim2-server with its in-memory storage, as its documentation builds it.

TOKEN, and PEOPLE (a file of tab-separated user names, given and family names) with SIZE say what to serve.
"""

import os
from itertools import islice
from pathlib import Path

from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import load_default_provider

storage, provider = InMemoryStorage(), load_default_provider()
provider.config.authentication_schemes = [BEARER_TOKEN_SCHEME]


def fill(size: int) -> None:
    """Store the first people of the file."""
    kind = next(kind for kind in provider.resource_types if kind.name == "User")
    model = provider.model_for(kind)
    with Path(os.environ["PEOPLE"]).open(encoding="utf-8") as people:
        for line in islice(people, size):
            username, given, family = line.rstrip("\n").split("\t")
            user = {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": username,
                "name": {"givenName": given, "familyName": family},
                "emails": [{"value": username, "type": "work", "primary": True}],
                "active": True,
            }
            storage.create(kind, model.model_validate(user))


if size := int(os.environ.get("SIZE", "0")):
    fill(size)
application = BearerTokenApplication(storage, provider, bearer_tokens=[os.environ["TOKEN"]])
