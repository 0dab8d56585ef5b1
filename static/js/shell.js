// Theme switch and side bar: at once in the browser, kept in cookies for the server.
import { on, remember } from "./dom.js";

on("submit", "[data-theme-switch]", (event, form) => {
  event.preventDefault();
  const chosen = event.submitter.value;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  remember("cxadmin_theme", chosen);
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
});

on("submit", "[data-side-bar-switch]", (event, form) => {
  event.preventDefault();
  const collapsed = event.submitter.value === "collapsed";
  document.body.classList.toggle("is-collapsed", collapsed);
  remember("cxadmin_side_bar", collapsed ? "collapsed" : "open");
  form.querySelector(collapsed ? ".when-collapsed" : ".when-open").focus();
});
