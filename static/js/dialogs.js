// Dialogs: a link with hx-target="#dialog" fills the page's <dialog> with what its address answers, and here it opens.
import { enhance, on } from "./dom.js";

const host = document.getElementById("dialog");

if (host) {
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (target !== host) {
      // What was asked in the dialog has been answered on the page, and not in a part of the dialog.
      if (host.contains(requestConfig?.elt) && !host.contains(event.target)) host.close();
      return;
    }
    if (!host.open) host.showModal();
    (host.querySelector("[data-form-errors], [role=alert]") ? host.querySelector("[aria-invalid=true]") : null)?.focus();
  });
  host.addEventListener("close", () => {
    const isStale = host.querySelector("[data-reload]") !== null;
    host.replaceChildren();
    if (isStale) location.reload();
  });
}

// Cancel and ✕. Without scripts Cancel is a link back.
on("click", "dialog [data-close]", (event, control) => {
  event.preventDefault();
  control.closest("dialog").close();
});

// A click beside the dialog closes it like Esc, unless something was typed.
on("pointerdown", "dialog[open]", (event, dialog) => {
  if (event.target !== dialog || dialog.querySelector("input:not([type=hidden]), textarea, select")) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});

// A question that the server put on the page; without scripts it stands there open.
enhance("dialog[data-open]", (dialog) => {
  dialog.removeAttribute("open");
  dialog.showModal();
});

/** Open a dialog of the page and answer which of its buttons was pressed; Esc answers an empty string. */
export function ask(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}
