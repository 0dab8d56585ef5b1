"""What a browser would send: the values of a form as a page shows it."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Collects the successful controls of one form (HTML §4.10.21.4), those outside it that name it included."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.values: dict[str, list[str]] = {}
        self.is_inside = False
        self.disabled = 0
        self.templates = 0  # what a <template> holds is not part of the page
        self.fieldsets: list[bool] = []
        self.select: tuple[str, list[str]] | None = None
        self.textarea: str | None = None

    def _belongs(self, given: dict[str, str | None]) -> bool:
        owner = given.get("form")
        mine = self.is_inside if owner is None else owner == self.form_id
        return mine and not self.templates and "disabled" not in given and not self.disabled and bool(given.get("name"))

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("id") == self.form_id
        elif tag == "template":
            self.templates += 1
        elif tag == "fieldset":
            self.fieldsets.append("disabled" in given)
            self.disabled += self.fieldsets[-1]
        elif tag == "input" and self._belongs(given):
            kind = given.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in given:
                ticked = "on" if kind in ("checkbox", "radio") else ""
                self._add(given["name"], given.get("value", ticked) or "")
        elif tag == "select" and self._belongs(given):
            self.select = (given["name"], [])
        elif tag == "option" and self.select:
            name, chosen = self.select
            if "selected" in given or not chosen:
                self.select = (name, [given.get("value") or ""])
        elif tag == "textarea" and self._belongs(given):
            self.textarea = given["name"]
            self._add(given["name"], "")

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.values[self.textarea][-1] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "template":
            self.templates -= 1
        elif tag == "fieldset":
            self.disabled -= self.fieldsets.pop()
        elif tag == "select" and self.select:
            name, chosen = self.select
            self._add(name, chosen[0] if chosen else "")
            self.select = None
        elif tag == "textarea":
            self.textarea = None


def form_in(response, form_id: str) -> dict[str, list[str]]:
    """The values that submitting this form as it is shown would send, by name."""
    parser = _Form(form_id)
    parser.feed(response.content.decode())
    return parser.values
