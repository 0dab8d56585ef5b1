// Tabs: without scripts the panels stand one below the other and the tabs are links to them.
import { enhance } from "./dom.js";

// htmx listens from here on; it loads a panel's content when its tab opens, also the tab that is open from the start.
const listening = new Promise((resolve) => {
  if (document.readyState === "complete") resolve();
  else addEventListener("DOMContentLoaded", () => setTimeout(resolve), { once: true });
});

enhance("[data-tabs]", (list) => {
  const tabs = [...list.querySelectorAll("a[href^='#']")];
  const panelOf = (tab) => document.getElementById(tab.hash.slice(1));
  const vertical = list.dataset.tabs === "vertical";
  list.setAttribute("role", "tablist");
  if (vertical) list.setAttribute("aria-orientation", "vertical");

  function open(tab, { focus = false, keep = true } = {}) {
    for (const other of tabs) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      panelOf(other).classList.toggle("is-open", chosen);
    }
    if (focus) tab.focus();
    if (keep && list.dataset.param) keepInAddress(list.dataset.param, tab.hash.slice(1));
    panelOf(tab).dispatchEvent(new CustomEvent("tab-open", { bubbles: true }));
  }

  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.setAttribute("role", "tab");
    tab.id ||= `${panel.id}-tab`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      open(tab);
    });
    panel.addEventListener("reveal", () => open(tab));
  }

  list.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement);
    const step = { [vertical ? "ArrowDown" : "ArrowRight"]: 1, [vertical ? "ArrowUp" : "ArrowLeft"]: -1 }[event.key];
    const next = step ? tabs[(here + step + tabs.length) % tabs.length] : { Home: tabs[0], End: tabs.at(-1) }[event.key];
    if (here < 0 || !next) return;
    event.preventDefault();
    open(next, { focus: true });
  });

  // Asked only then: a quick visitor may have chosen another tab in the meantime.
  const current = () => tabs.find((tab) => panelOf(tab).classList.contains("is-open")) ?? tabs[0];
  listening.then(() => open(current(), { keep: false }));
});

/** The open tab is part of the address, and of the form's answer after Save. */
function keepInAddress(param, value) {
  const url = new URL(location.href);
  url.searchParams.set(param, value);
  url.hash = "";
  history.replaceState(history.state, "", url);
  for (const field of document.querySelectorAll(`input[type=hidden][name="${param}"]`)) field.value = value;
}

// A link to something on a closed tab (a message in the summary) opens the tab first.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  const target = link && !link.matches("[role=tab]") ? document.getElementById(link.hash.slice(1)) : null;
  if (!target) return;
  for (let panel = target.closest("[role=tabpanel]"); panel; panel = panel.parentElement.closest("[role=tabpanel]")) {
    panel.dispatchEvent(new CustomEvent("reveal"));
  }
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "nearest" });
});
