// The assign dialog: ticked rows move to the Selected list, Confirm puts them into the tab; Save stores them.
//
// The tab holds <tbody data-assign-target> with a <template> of a row: [data-slot=name|username|team], an
// <input name="add"> for the form, and a button [data-assign-remove].
import { enhance, on } from "./dom.js";

const target = () => document.querySelector("[data-assign-target]");
const added = () => new Set([...target().querySelectorAll("input[name=add]")].map((input) => input.value));

function person(box) {
  return { id: box.value, name: box.getAttribute("aria-label"), username: box.dataset.username, team: box.dataset.team };
}

enhance("dialog [data-assign]", (window_) => {
  const list = window_.querySelector("[data-assign-list]");
  const item = window_.querySelector("[data-assign-item]");
  const selected = new Map();
  const ticked = new Map();

  const boxes = () => [...window_.querySelectorAll("tbody input[name=add]")];
  const free = () => boxes().filter((box) => !box.disabled);

  function show() {
    window_.querySelector("[data-assign-count]").textContent = selected.size;
    list.replaceChildren(...[...selected.values()].map((chosen) => {
      const entry = item.content.firstElementChild.cloneNode(true);
      entry.querySelector("[data-slot=name]").textContent = chosen.name;
      const button = entry.querySelector("button");
      button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${chosen.name}`);
      button.addEventListener("click", () => {
        selected.delete(chosen.id);
        show();
      });
      return entry;
    }));
    const gone = added();
    for (const box of boxes()) {
      box.disabled = selected.has(box.value) || gone.has(box.value);
      box.checked = box.disabled || ticked.has(box.value);
    }
    showHead();
    window_.querySelector("[data-assign-move]").disabled = ticked.size === 0;
  }

  function showHead() {
    const cell = window_.querySelector("thead th");
    if (!cell) return;
    let all = cell.querySelector("input");
    if (!all) {
      all = document.createElement("input");
      all.type = "checkbox";
      all.setAttribute("aria-label", window_.dataset.all ?? "");
      all.addEventListener("change", () => {
        for (const box of free()) tick(box, all.checked);
        show();
      });
      cell.append(all);
    }
    all.checked = free().length > 0 && free().every((box) => box.checked);
    all.disabled = free().length === 0;
  }

  function tick(box, on_) {
    if (on_) ticked.set(box.value, person(box));
    else ticked.delete(box.value);
  }

  window_.addEventListener("change", (event) => {
    if (event.target.name !== "add") return;
    tick(event.target, event.target.checked);
    show();
  });
  window_.addEventListener("htmx:afterSettle", show);

  window_.querySelector("#assign-picks").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.hasAttribute("data-assign-confirm")) {
      for (const chosen of selected.values()) add(chosen);
      window_.closest("dialog").close();
      return;
    }
    for (const [id, chosen] of ticked) selected.set(id, chosen);
    ticked.clear();
    show();
  });
  show();
});

function add(chosen) {
  const body = target();
  const row = body.querySelector("template").content.firstElementChild.cloneNode(true);
  for (const slot of row.querySelectorAll("[data-slot]")) slot.textContent = chosen[slot.dataset.slot];
  row.querySelector("input[name=add]").value = chosen.id;
  body.append(row);
  showTarget();
}

function showTarget() {
  const shown = target()?.closest("[data-assign-added]");
  if (shown) shown.hidden = added().size === 0;
}

on("click", "[data-assign-remove]", (event, button) => {
  button.closest("tr").remove();
  showTarget();
});
