// Multi-select: says on its button what is ticked, ticks all, and finds an option by its letters.
import { enhance, folded } from "./dom.js";

enhance("[data-multi]", (multi) => {
  const summary = multi.querySelector("[data-multi-summary]");
  const all = multi.querySelector("[data-multi-all]");
  const search = multi.querySelector("[data-multi-search]");
  const boxes = () => [...multi.querySelectorAll(".multi-options input[type=checkbox]")];

  function show() {
    const { none, some, count } = summary.dataset;
    const ticked = boxes().filter((box) => box.checked && (!count || box.name));
    const names = ticked.map((box) => box.closest("label").textContent.trim());
    summary.textContent = count ? count.replace("{n}", names.length) : names.length === 0 ? none : names.length === 1 ? names[0] : some.replace("{n}", names.length);
    if (all) {
      const open = boxes().filter((box) => !box.disabled);
      all.checked = open.every((box) => box.checked);
      all.indeterminate = !all.checked && open.some((box) => box.checked);
    }
  }

  all?.addEventListener("change", (event) => {
    event.stopPropagation();
    const open = boxes().filter((box) => !box.disabled && !box.closest("label").hidden);
    for (const box of open) box.checked = all.checked;
    show();
    open[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  search?.addEventListener("input", (event) => {
    event.stopPropagation();
    const wanted = folded(search.value);
    for (const box of boxes()) {
      const label = box.closest("label");
      label.hidden = !folded(label.textContent).includes(wanted);
    }
  });
  search?.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  multi.addEventListener("change", show);
  show();
});

// Among the check boxes of one name, the one whose value is `data-all` ticks all.
enhance("input[type=checkbox][data-all]", (all) => {
  if (all.value !== all.dataset.all) return;
  const others = [...all.form.querySelectorAll(`input[type=checkbox][name="${all.name}"]`)].filter((box) => box !== all);
  const show = () => {
    all.checked = others.every((box) => box.checked);
    all.indeterminate = !all.checked && others.some((box) => box.checked);
  };
  if (all.checked) for (const box of others) box.checked = true;
  all.addEventListener("change", () => { for (const box of others) box.checked = all.checked; });
  for (const box of others) box.addEventListener("change", show);
  show();
});
