"""The same verified SCIM work against cxadmin, its peers and the honest limit, in interleaved rounds (docs/performance.md)."""
