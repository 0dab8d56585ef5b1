// The permission editor: toggles are buttons, what an action needs is chosen with it (R-PERM-1…3), presets replace all.
import { enhance } from "./dom.js";
import { ask } from "./dialogs.js";

enhance("[data-permissions]", (editor) => {
  const boxes = [...editor.querySelectorAll("input[name=permission]")];
  const byCode = new Map(boxes.map((box) => [box.value, box]));
  const stem = (box) => box.value.slice(0, box.value.lastIndexOf(".") + 1);
  const needs = (box) => (box.dataset.needs ?? "").split(" ").filter(Boolean).map((action) => byCode.get(stem(box) + action));

  for (const box of boxes) {
    if (box.getAttribute("role") === "switch") continue;
    box.setAttribute("role", "button");
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      box.click();
    });
  }

  function choose(box) {
    box.checked = true;
    for (const needed of needs(box)) if (!needed.checked) choose(needed);
  }

  function clear(box) {
    box.checked = false;
    for (const other of boxes) if (other.checked && needs(other).includes(box)) clear(other);
  }

  function show() {
    for (const box of boxes) if (box.getAttribute("role") === "button") box.setAttribute("aria-pressed", String(box.checked));
    for (const tab of editor.querySelectorAll(".permission-category")) {
      const panel = document.getElementById(tab.hash.slice(1));
      tab.querySelector("[data-count]").textContent = panel.querySelectorAll("input[name=permission]:checked").length;
    }
  }

  editor.addEventListener("change", (event) => {
    if (event.target.name === "permission") {
      if (event.target.checked) choose(event.target);
      else clear(event.target);
      show();
    }
  });
  show();

  // Set To Default

  const bar = document.querySelector("[data-set-to-default]");
  if (!bar) return;
  const select = bar.querySelector("select");
  const dialog = document.getElementById("default-dialog");
  bar.querySelector("button").addEventListener("click", async (event) => {
    event.preventDefault();
    if (boxes.some((box) => box.checked)) {
      const sentence = dialog.querySelector("[data-text]");
      sentence.textContent = sentence.dataset.text.replace("{role}", select.selectedOptions[0].label);
      if (await ask(dialog) !== "apply") return;
    }
    for (const box of boxes) box.checked = (box.dataset.presets ?? "").split(" ").includes(select.value);
    show();
    document.querySelector("a[href='#permissions']")?.click();
  });
});

enhance("[data-restricted]", (fieldset) => {
  const custom = fieldset.querySelector(".restricted-custom");
  const show = () => { custom.hidden = !fieldset.querySelector("input[value=custom]").checked; };
  fieldset.addEventListener("change", show);
  show();
});
