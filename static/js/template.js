// Employee template: a field with a tick in its Ignore box cannot be edited; the server passes over its value.
import { enhance } from "./dom.js";

enhance("[data-ignores]", (box) => {
  const field = box.form.querySelector(`[data-ignorable="${box.dataset.ignores}"]`);
  // Not disabled: a disabled field would look like an unsaved change.
  const show = () => { field.inert = box.checked; };
  box.addEventListener("change", show);
  show();
});
