"""The tenant and the client of the SCIM tests."""

from tests.scim.conftest import acme, scim

__all__ = ["acme", "scim"]
