// Toasts: shown for the time chosen in My Profile, longer while the pointer or the keyboard is on them.
import { enhance, on, text } from "./dom.js";

const region = document.getElementById("toasts");
const seconds = Number(document.body.dataset.toastSeconds);

/** Show a toast. `level` is success, error, warning or info. */
export function toast(level, message) {
  const element = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  element.className = `toast toast-${level}`;
  element.setAttribute("role", level === "error" ? "alert" : "status");
  region.append(element);
  raise();
  // Filled after it is in the page: only then do screen readers announce it.
  requestAnimationFrame(() => { element.querySelector("p").textContent = message; });
  limit(element);
}

/** Above everything, an open dialog included. */
function raise() {
  region.popover = "manual";
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
}

function limit(element) {
  if (!seconds) return;
  let timer;
  const start = () => { timer = setTimeout(() => element.remove(), seconds * 1000); };
  const stop = () => clearTimeout(timer);
  for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, stop);
  for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, start);
  start();
}

enhance("#toasts > .toast", limit);
on("click", "[data-close-toast]", (event, button) => button.closest(".toast").remove());

// Messages of an answer that replaced only a part of the page (cxadmin.middleware.Htmx).
document.addEventListener("toasts", (event) => {
  for (const { level, text: message } of event.detail.value ?? event.detail) toast(level, message);
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const plain = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
  toast("error", plain && xhr.responseText ? xhr.responseText : text("failed"));
});
document.addEventListener("htmx:sendError", () => toast("error", text("failed")));
