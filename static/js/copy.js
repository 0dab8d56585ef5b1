// Copy buttons.
import { on } from "./dom.js";

on("click", "[data-copy]", async (event, button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  const name = button.getAttribute("aria-label");
  button.classList.add("is-done");
  button.setAttribute("aria-label", button.dataset.copied);
  setTimeout(() => {
    button.classList.remove("is-done");
    button.setAttribute("aria-label", name);
  }, 1500);
});
