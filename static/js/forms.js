// Forms: unsaved changes are not lost by accident, nothing is sent twice, fields are checked on leaving.
import { enhance, on } from "./dom.js";
import { ask } from "./dialogs.js";

// Unsaved changes

const watched = new Map();

function state(form) {
  const ignored = new Set([...form.elements].filter((field) => field.type === "hidden" && field.name === "tab"
    || field.name === "csrfmiddlewaretoken" || field.hasAttribute("data-unguarded")).map((field) => field.name));
  return JSON.stringify([...new FormData(form)].filter(([name]) => !ignored.has(name)), (key, value) => value instanceof File ? value.name : value);
}

/** Whether a form on the page holds something that has not been saved. */
function isDirty() {
  return [...watched].some(([form, initial]) => form.isConnected && (form.dataset.dirty === "true" || state(form) !== initial));
}

enhance("form[data-guard]", (form) => watched.set(form, state(form)));

const discard = document.getElementById("discard-dialog");

function leave() {
  watched.clear();
}

on("click", "a[href]", async (event, link) => {
  const stays = event.defaultPrevented || link.target || event.ctrlKey || event.metaKey || event.shiftKey
    || link.getAttribute("href").startsWith("#") || link.hasAttribute("hx-get") || link.closest("dialog");
  if (stays || !discard || !isDirty()) return;
  event.preventDefault();
  if (await ask(discard) === "discard") {
    leave();
    location.assign(link.href);
  }
});

addEventListener("beforeunload", (event) => {
  if (isDirty()) event.preventDefault();
});

// Nothing twice

const sending = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  sending.add(form);
  if (watched.has(form)) leave();
});

// After Back the browser shows the page as it was left: it may be sent again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Checked on leaving a field: the server answers with its messages, from the same rules as on Save.
const lastCheck = new WeakMap();

on("change", "form[data-check] .field", async (event, field) => {
  const control = event.target;
  const { form } = control;
  const url = new URL(form.action);
  url.searchParams.set("check", control.name);
  lastCheck.set(control, url);
  const answer = await fetch(url, { method: "POST", body: new FormData(form) });
  const text = await answer.text();
  const messages = field.querySelector(".field-errors");
  // Answers may overtake each other: what is said of an earlier value is no news.
  if (!answer.ok || answer.redirected || !messages || lastCheck.get(control) !== url) return;
  messages.innerHTML = new DOMParser().parseFromString(text, "text/html").querySelector(".field-errors")?.innerHTML ?? "";
  mark(control, messages);
});

function mark(control, messages) {
  const wrong = messages.childElementCount > 0;
  const described = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  described.delete(messages.id);
  if (wrong) described.add(messages.id);
  set(control, "aria-invalid", wrong ? "true" : "");
  set(control, "aria-describedby", [...described].join(" "));
}

function set(element, attribute, value) {
  if (value) element.setAttribute(attribute, value);
  else element.removeAttribute(attribute);
}

// How many characters are left, once it gets tight
enhance("[data-limit]", (field) => {
  const limit = Number(field.dataset.limit);
  const counter = document.createElement("p");
  counter.className = "field-count";
  const show = () => {
    const { length } = [...field.value];
    counter.textContent = length > limit * 0.8 ? `${length} / ${limit}` : "";
    counter.classList.toggle("is-over", length > limit);
    counter.hidden = !counter.textContent;
  };
  field.after(counter);
  field.addEventListener("input", show);
  show();
});

// The summary of what is wrong gets the focus, so that it is read first.
enhance("[data-form-errors]", (summary) => { if (!summary.closest("dialog")) summary.focus(); });
