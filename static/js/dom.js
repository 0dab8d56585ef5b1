// Finding elements, now and in what htmx brings later.

/** Run `upgrade` once on every element that matches, including those that htmx inserts. */
export function enhance(selector, upgrade) {
  const done = new WeakSet();
  const run = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (!done.has(element)) {
        done.add(element);
        upgrade(element);
      }
    }
  };
  run(document.documentElement);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt ?? event.target));
}

/** React to an event on whatever matches the selector when the event happens. */
export function on(type, selector, handler, options) {
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) handler(event, element);
  }, options);
}

/** A text of this page in the visitor's language (templates/_page_dialogs.html). */
export function text(name) {
  return document.getElementById("texts")?.dataset[name] ?? "";
}

/** Keep a choice for the server, which draws the next page accordingly. */
export function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** Text for comparing: without case and accents. */
export function folded(string) {
  return string.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
