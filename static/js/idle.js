// The session ends after the tenant's idle timeout; two minutes before, a dialog offers to stay (screens §1.2).
import { ask } from "./dialogs.js";

const seconds = Number(document.body.dataset.idleSeconds);
const dialog = document.getElementById("idle-dialog");
const WARNING = 120;
const KEY = "cxadmin.lastUse";

if (seconds && dialog) {
  // Any tab's use of the session counts for all of them.
  const use = () => localStorage.setItem(KEY, String(Date.now()));
  const left = () => seconds - (Date.now() - Number(localStorage.getItem(KEY))) / 1000;
  use();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.headers["X-Background"] !== "true") use();
  });

  let asking = false;
  const look = async () => {
    if (left() <= 0) {
      location.reload();
      return;
    }
    if (asking && left() > WARNING) dialog.close();
    if (asking || left() > WARNING) return;
    asking = true;
    await ask(dialog);
    asking = false;
    if (left() > WARNING) return;
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(dialog.dataset.stay, { method: "POST", headers: { "X-CSRFToken": token } });
    if (answer.ok && !answer.redirected) use();
    else location.reload();
  };
  setInterval(look, 5000);
}
