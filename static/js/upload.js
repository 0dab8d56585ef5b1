// The field of an upload as an area to drop a file on; without scripts it stays the browser's own.
import { enhance } from "./dom.js";

enhance("[data-drop-area]", (area) => {
  const input = area.querySelector("input[type=file]");
  const button = document.createElement("span");
  button.className = "button";
  button.textContent = area.dataset.browse;
  const hint = document.createElement("span");
  hint.className = "muted";
  hint.textContent = area.dataset.or;
  const name = document.createElement("span");
  name.className = "drop-name";
  name.setAttribute("role", "status");
  area.append(button, hint, name);
  area.classList.add("is-enhanced");
  const show = () => { name.textContent = input.files[0]?.name ?? ""; };
  input.addEventListener("change", show);
  addEventListener("pageshow", show);
  for (const type of ["dragenter", "dragover"]) area.addEventListener(type, () => area.classList.add("is-over"));
  for (const type of ["dragleave", "drop"]) area.addEventListener(type, () => area.classList.remove("is-over"));
});
