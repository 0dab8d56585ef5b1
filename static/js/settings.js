// Account Settings: numbers behind a switch, the colours of the login banner.
import { enhance } from "./dom.js";
import "./rich.js";

// What a switch turns off cannot be edited; the server ignores it.
enhance("[data-switched]", (fieldset) => {
  const control = document.getElementById(fieldset.dataset.switched);
  const show = () => {
    for (const input of fieldset.querySelectorAll("input[type=number]")) input.readOnly = !control.checked;
  };
  control.addEventListener("change", show);
  show();
});

// The banner is edited in its own colours; a warning appears while they are hard to read (WCAG 2.2, 1.4.3).
const READABLE = 4.5;

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const part = parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

enhance("[data-banner]", (fieldset) => {
  const ground = fieldset.querySelector("[name=banner_bg]");
  const ink = fieldset.querySelector("[name=banner_fg]");
  const editor = fieldset.querySelector(".rich-text");
  const warning = fieldset.querySelector("[data-hard-to-read]");
  const show = () => {
    editor.style.backgroundColor = ground.value;
    editor.style.color = ink.value;
    warning.hidden = contrast(ground.value, ink.value) >= READABLE;
  };
  ground.addEventListener("input", show);
  ink.addEventListener("input", show);
  show();
});
