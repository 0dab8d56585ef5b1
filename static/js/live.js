// The live list of requests: asks for the table again while nobody works in it. A button pauses it.
import { on } from "./dom.js";

const EVERY = 2000;
const button = document.querySelector("[data-live]");
button.hidden = false;

on("click", "[data-live]", () => {
  button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
});

setInterval(() => {
  const list = document.querySelector(button.getAttribute("hx-target"));
  const isRead = list.contains(document.activeElement) || !getSelection().isCollapsed;
  const isFirstPage = !new URLSearchParams(location.search).has("page");
  const isOn = button.getAttribute("aria-pressed") === "true" && !document.hidden;
  if (isOn && isFirstPage && !isRead) htmx.trigger(button, "live");
}, EVERY);
