"""The honest limit: what a bare Django view can do with the statements cxadmin's rules need (docs/performance.md)."""
