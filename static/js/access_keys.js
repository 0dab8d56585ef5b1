// Access keys: the bin asks and then ticks the row's hidden check box; the next Save deletes what is ticked.
import { on } from "./dom.js";
import { ask } from "./dialogs.js";

function mark(row, isGoing) {
  row.querySelector("input[name=access_key_delete]").checked = isGoing;
  row.querySelector(isGoing ? "[data-keep-key]" : "[data-delete-key]").focus();
}

on("click", "[data-delete-key]", async (event, button) => {
  if (await ask(document.getElementById("delete-key-dialog")) === "delete") mark(button.closest("tr"), true);
});

on("click", "[data-keep-key]", (event, button) => mark(button.closest("tr"), false));
