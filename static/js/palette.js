// The command palette (Ctrl/⌘ K), the sheet of keys (?) and the way into a list's search box (/).
import { on, remember } from "./dom.js";

const palette = document.getElementById("palette");
const keys = document.getElementById("keys");
const single = document.getElementById("single-keys");
const TYPED_INTO = "input, textarea, select, [contenteditable]";

if (palette) {
  const words = document.getElementById("palette-words");
  const options = () => [...palette.querySelectorAll("[role=option]")];
  let active = 0;

  function mark(index) {
    const all = options();
    active = all.length ? (index + all.length) % all.length : 0;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (all.length) words.setAttribute("aria-activedescendant", all[active].id);
    else words.removeAttribute("aria-activedescendant");
    all[active]?.scrollIntoView({ block: "nearest" });
  }

  function open() {
    if (document.querySelector("dialog[open]")) return;
    words.value = "";
    palette.showModal();
    words.focus();
    words.dispatchEvent(new Event("palette-open"));
  }

  palette.addEventListener("htmx:afterSwap", () => mark(0));
  words.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      mark(active + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      options()[active]?.click();
    }
  });
  palette.addEventListener("click", (event) => {
    // What is found stays inside the palette; a click beside it closes it.
    if (event.target === palette) palette.close();
  });
  on("click", "[data-palette]", (event) => {
    event.preventDefault();
    open();
  });
  on("click", "[data-keys]", () => keys.showModal());
  single.addEventListener("change", () => remember("cxadmin_keys", single.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close();
      else open();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !single.checked) return;
    if (event.target.closest?.(TYPED_INTO) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      keys.showModal();
    } else if (event.key === "/") {
      const search = document.querySelector("main input[type=search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
    }
  });
}
