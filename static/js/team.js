// The team page: Add Unavailable Codes ticks the codes that were picked; the rows of ticked codes show (teams' CSS).
import { on } from "./dom.js";
import { ask } from "./dialogs.js";

const box = (number) => document.querySelector(`input[name=unavailable_codes][value="${number}"]`);

on("click", "[data-codes-open]", async () => {
  const dialog = document.getElementById("codes-dialog");
  const picks = [...dialog.querySelectorAll("[data-code]")];
  for (const pick of picks) {
    pick.checked = false;
    pick.closest("label").hidden = box(pick.value).checked;
  }
  const free = picks.filter((pick) => !box(pick.value).checked);
  dialog.querySelector("[data-codes-all]").hidden = free.length > 0;
  dialog.querySelector("[value=confirm]").disabled = free.length === 0;
  if (await ask(dialog) !== "confirm") return;
  for (const pick of picks) if (pick.checked) box(pick.value).checked = true;
});
