"""How style sheets and scripts are named and compressed."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names, also inside the `import` statements of our ES modules, so that browsers may keep every file for ever.

    Django can rewrite the imports of every script; it is asked to for ours only, because it trips over a comment in
    one of the scripts that django-htmx brings.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _, imports = self._js_module_import_aggregation_patterns
        self.patterns: Any = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", imports))
        super().__init__(*args, **kwargs)
