// Rich text: an editor over a <textarea>, which stays the form's field and holds the HTML.
import { enhance } from "./dom.js";

const KEPT = new Set(["B", "STRONG", "I", "EM", "U", "UL", "OL", "LI", "A", "P", "BR", "BIG", "SMALL"]);
const LINKS = /^(https?:|mailto:)/i;

/** A copy of what `node` holds with nothing in it but the tags that are kept; the server cleans once more. */
function cleaned(node) {
  const copy = document.createDocumentFragment();
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.data);
    if (child.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE"].includes(child.tagName)) continue;
    const name = renamed(child);
    if (!KEPT.has(name)) {
      copy.append(cleaned(child));
      continue;
    }
    const element = document.createElement(name);
    const address = child.getAttribute("href") ?? "";
    if (name === "A" && LINKS.test(address)) element.setAttribute("href", address);
    element.append(cleaned(child));
    copy.append(element);
  }
  return copy;
}

/** Browsers make <font size> and <div> where we have <big>, <small> and <p>. */
function renamed(element) {
  if (element.tagName === "DIV") return "P";
  if (element.tagName !== "FONT") return element.tagName;
  const size = Number(element.getAttribute("size"));
  if (size > 3) return "BIG";
  return size && size < 3 ? "SMALL" : "FONT";
}

function html(node) {
  const holder = document.createElement("div");
  holder.append(cleaned(node));
  return holder.textContent.trim() ? holder.innerHTML : "";
}

enhance("[data-rich]", (rich) => {
  const field = document.getElementById(rich.dataset.rich);
  const editor = rich.querySelector(".rich-text");
  const size = rich.querySelector("[data-size]");
  const linking = rich.querySelector(".rich-link");
  const address = rich.querySelector("[data-address]");

  // The editor takes the field's place, for the label and for messages that lead to it.
  editor.id = field.id;
  field.removeAttribute("id");
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (field.hasAttribute(name)) editor.setAttribute(name, field.getAttribute(name));
  }
  field.hidden = true;
  editor.append(cleaned(new DOMParser().parseFromString(field.value, "text/html").body));
  if (field.matches(":disabled")) {
    editor.setAttribute("aria-disabled", "true");
    return;
  }
  editor.contentEditable = "true";
  document.execCommand("defaultParagraphSeparator", false, "p");

  const keep = () => {
    field.value = html(editor);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const format = (command, value) => {
    editor.focus();
    document.execCommand(command, false, value);
    keep();
  };
  editor.addEventListener("input", keep);
  editor.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
  for (const button of rich.querySelectorAll("[data-command]")) {
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => format(button.dataset.command));
  }
  size.addEventListener("change", () => {
    restore();
    format("fontSize", { small: 2, big: 5 }[size.value] ?? 3);
  });

  // What is selected, also while a control beside the text has the focus.
  let selected = null;
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    if (selection.rangeCount && editor.contains(selection.anchorNode)) selected = selection.getRangeAt(0).cloneRange();
  });
  function restore() {
    editor.focus();
    if (!selected) return;
    getSelection().removeAllRanges();
    getSelection().addRange(selected);
  }

  rich.querySelector("[data-link]").addEventListener("click", () => {
    const present = selected?.startContainer.parentElement.closest("a");
    address.value = present && editor.contains(present) ? present.href : "";
    linking.hidden = false;
    address.focus();
  });
  const link = () => {
    const given = address.value.trim();
    linking.hidden = true;
    restore();
    if (!given) format("unlink");
    else if (!LINKS.test(given)) linking.hidden = false;
    else if (getSelection().isCollapsed) {
      const anchor = document.createElement("a");
      anchor.href = given;
      anchor.textContent = given;
      format("insertHTML", anchor.outerHTML);
    } else format("createLink", given);
  };
  rich.querySelector("[data-set-link]").addEventListener("click", link);
  address.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Enter") link();
    else linking.hidden = true;
  });
});
