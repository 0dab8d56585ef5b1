// Searchable single select over a native <select data-combobox>, which stays the form's field.
// With data-source="/address/" the options come from there (?q=…, an array of {value, label}); the select then needs
// only the chosen option.
import { enhance, folded } from "./dom.js";
import { place } from "./menus.js";

const WAIT = 200;
let number = 0;

enhance("select[data-combobox]", (select) => {
  const id = `combobox-${number += 1}`;
  const emptyChoice = () => [...select.options].find((option) => option.value === "");
  const box = document.createElement("div");
  box.className = "combobox";
  const input = document.createElement("input");
  const list = document.createElement("div");
  Object.assign(list, { id, className: "combobox-list", popover: "manual" });
  list.setAttribute("role", "listbox");
  Object.assign(input, { type: "text", autocomplete: "off", disabled: select.disabled, placeholder: emptyChoice()?.label ?? "" });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" })) {
    input.setAttribute(name, value);
  }
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  input.id = select.id;
  select.removeAttribute("id");
  select.hidden = true;
  select.after(box);
  box.append(input, list);
  list.style.positionAnchor = `--${id}`;
  input.style.anchorName = `--${id}`;

  let options = [];
  let active = -1;
  let timer;
  let awaited = false; // typed, and the list does not say yet what it leads to
  let wantsFirst = false; // Enter was quicker than the list
  const chosen = () => select.selectedOptions[0];
  const local = () => [...select.options].map((option) => ({ value: option.value, label: option.label }));
  const reset = () => { input.value = chosen()?.value ? chosen().label : ""; };

  async function find(wanted) {
    if (!select.dataset.source) return local().filter((option) => folded(option.label).includes(folded(wanted)));
    const answer = await fetch(`${select.dataset.source}?${new URLSearchParams({ q: wanted })}`, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : [];
  }

  function draw() {
    list.replaceChildren(...options.map((option, index) => {
      const item = document.createElement("div");
      item.id = `${id}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(option.value === select.value));
      item.textContent = option.label;
      item.classList.toggle("is-active", index === active);
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(option));
      return item;
    }));
    if (!options.length) {
      const nothing = document.createElement("div");
      nothing.className = "is-empty";
      nothing.textContent = select.dataset.empty ?? "–";
      list.append(nothing);
    }
    if (active >= 0) input.setAttribute("aria-activedescendant", `${id}-${active}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  async function open(wanted = "") {
    options = await find(wanted);
    active = wanted && options.length ? 0 : options.findIndex((option) => option.value === select.value);
    awaited = false;
    if (document.activeElement !== input) return;
    if (wantsFirst && wanted === input.value) {
      wantsFirst = false;
      if (options[active]) return choose(options[active]);
    }
    if (!list.matches(":popover-open")) list.showPopover();
    input.setAttribute("aria-expanded", "true");
    draw();
    place(list, input);
  }

  function close() {
    if (list.matches(":popover-open")) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    if (![...select.options].some((known) => known.value === option.value)) select.add(new Option(option.label, option.value));
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    reset();
    close();
  }

  input.addEventListener("click", () => open());
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    clearTimeout(timer);
    awaited = true;
    wantsFirst = false;
    timer = setTimeout(() => open(input.value), select.dataset.source ? WAIT : 0);
  });
  input.addEventListener("keydown", (event) => {
    const isOpen = list.matches(":popover-open");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) open();
      else if (options.length) {
        active = (active + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
        draw();
      }
    } else if (event.key === "Enter" && awaited) {
      event.preventDefault();
      wantsFirst = true;
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      if (options[active]) choose(options[active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      reset();
      close();
    }
  });
  input.addEventListener("blur", () => {
    wantsFirst = awaited = false;
    // Emptied on purpose: the empty choice, where the select has one.
    if (input.value === "" && emptyChoice() && select.value !== "") {
      select.value = "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    reset();
    close();
  });
  select.form?.addEventListener("reset", () => setTimeout(reset));
  select.addEventListener("refresh", reset);
  reset();
});
