// Menus: arrow keys, and their place in browsers that cannot position a popover at its button by CSS.

const PLACED_BY_CSS = CSS.supports("position-area", "block-end");
const GAP = 4;

function opener(popover) {
  return document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`);
}

/** Put a popover under its button, inside the window. */
export function place(popover, button = opener(popover)) {
  if (PLACED_BY_CSS || !button) return;
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + GAP + height <= innerHeight || at.top < height;
  const right = popover.classList.contains("opens-right") || at.right < width;
  popover.style.margin = "0";
  popover.style.top = `${below ? at.bottom + GAP : at.top - GAP - height}px`;
  popover.style.left = `${Math.max(GAP, right ? at.left : at.right - width)}px`;
}

document.addEventListener("toggle", (event) => {
  const popover = event.target;
  if (!popover.matches?.("[popover]")) return;
  opener(popover)?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState !== "open") return;
  place(popover);
  if (popover.getAttribute("role") === "menu") items(popover)[0]?.focus();
}, true);

function items(menu) {
  return [...menu.querySelectorAll('[role="menuitem"]')];
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.('[role="menu"]');
  if (!menu) return;
  const all = items(menu);
  const here = all.indexOf(document.activeElement);
  const next = {
    ArrowDown: all[(here + 1) % all.length],
    ArrowUp: all[(here - 1 + all.length) % all.length],
    Home: all[0],
    End: all.at(-1),
  }[event.key];
  if (next) {
    event.preventDefault();
    next.focus();
  } else if (event.key === "Tab") {
    menu.hidePopover();
  }
});
