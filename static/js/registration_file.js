// Opens an application registration file: inside the file itself, offline, and on the page Open registration file.
// docs/registration-file.md describes the envelope.

const form = document.querySelector("form[data-registration]");
const embedded = document.getElementById("registration-envelope");
const MOST_ROUNDS = 10_000_000;

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Decrypt an envelope; rejects if the password is wrong or a single bit was changed. */
async function unseal(envelope, password) {
  const { subtle } = crypto;
  const typed = await subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveKey"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: bytes(envelope.salt), iterations: envelope.iterations };
  const key = await subtle.deriveKey(derivation, typed, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const clear = await subtle.decrypt({ name: "AES-GCM", iv: bytes(envelope.nonce) }, key, bytes(envelope.ciphertext));
  return JSON.parse(new TextDecoder().decode(clear));
}

/** The envelope of this file, or of the chosen one: a registration file, or the bare JSON. */
async function envelopeToOpen() {
  const text = embedded ? embedded.textContent : await form.elements.file.files[0].text();
  const inner = /id="registration-envelope">([^<]*)</.exec(text);
  const envelope = JSON.parse(inner ? inner[1] : text);
  if (envelope.format !== "cxadmin-registration/1" || !(envelope.iterations <= MOST_ROUNDS)) throw new Error("format");
  return envelope;
}

function show(registration) {
  const result = document.querySelector("[data-registration-result]");
  for (const slot of result.querySelectorAll("[data-value]")) {
    const value = [registration[slot.dataset.value] ?? []].flat().join("\n");
    slot.textContent = ("words" in slot.dataset && slot.dataset[value]) || value;
    const button = slot.parentElement.querySelector("button");
    if (button) button.dataset.copy = value;
    for (const part of [slot.parentElement, slot.parentElement.previousElementSibling]) part.hidden = value === "";
  }
  form.hidden = true;
  result.hidden = false;
  result.focus();
}

function refuse(message, field) {
  const note = form.querySelector("[data-registration-error]");
  note.hidden = false;
  note.lastElementChild.textContent = message;
  for (const input of form.querySelectorAll("input")) input.removeAttribute("aria-invalid");
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

async function open(event) {
  event.preventDefault();
  const { password, file } = form.elements;
  const { dataset } = form;
  if (!globalThis.crypto?.subtle) return refuse(dataset.insecure, password);
  if (file && !file.files.length) return refuse(dataset.missing, file);
  let envelope;
  try {
    envelope = await envelopeToOpen();
  } catch {
    return refuse(dataset.unreadable, file ?? password);
  }
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    show(await unseal(envelope, password.value.trim()));
  } catch {
    refuse(dataset.wrong, password);
  } finally {
    button.disabled = false;
    password.value = "";
  }
}

form.addEventListener("submit", open);

// In the console js/copy.js does this; the file has only itself.
if (embedded) {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const name = button.getAttribute("aria-label");
    button.classList.add("is-done");
    button.setAttribute("aria-label", button.dataset.copied);
    setTimeout(() => {
      button.classList.remove("is-done");
      button.setAttribute("aria-label", name);
    }, 1500);
  });
}
