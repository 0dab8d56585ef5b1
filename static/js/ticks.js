// Ticked rows of a list: a check box in the head for all on the page, and buttons that need at least one.
import { enhance } from "./dom.js";

const boxes = () => [...document.querySelectorAll("[data-ticks] .tick input")];

function show() {
  const all = document.querySelector("thead .tick input");
  if (all) {
    all.checked = boxes().every((box) => box.checked);
    all.indeterminate = !all.checked && boxes().some((box) => box.checked);
  }
  for (const button of document.querySelectorAll("[data-needs-tick]")) button.disabled = !boxes().some((box) => box.checked);
}

enhance("[data-ticks]", (body) => {
  const head = body.closest("table").querySelector("thead .tick");
  if (head) {
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", body.dataset.ticks);
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
      show();
    });
    head.append(all);
  }
  body.addEventListener("change", show);
  show();
});
document.addEventListener("htmx:afterSettle", show);
addEventListener("pageshow", show);
show();

// The answer of a dialog that did something leads on when it is closed, in whatever way; its content is gone afterwards.
document.addEventListener("close", (event) => {
  const link = event.target.querySelector?.("[data-after-close]");
  if (link) location.assign(link.href);
}, true);
