// The employee form: the username follows the e-mail address, and fields show when what they belong to is chosen.
import { enhance } from "./dom.js";

enhance("form[data-username-follows]", (form) => {
  const { email, username } = form.elements;
  let follows = username.value === email.value;
  email.addEventListener("input", () => { if (follows) username.value = email.value; });
  username.addEventListener("input", () => { follows = username.value === "" || username.value === email.value; });
});

enhance("[data-mfa]", (part) => {
  const select = part.closest("form").elements.login_authenticator;
  const show = () => { part.hidden = !part.dataset.mfa.split(" ").includes(select.value); };
  select.addEventListener("change", show);
  show();
});

enhance("[data-lock-days]", (part) => {
  const select = part.closest("form").elements.inactivity_lock;
  const show = () => { part.hidden = select.value !== "days"; };
  select.addEventListener("change", show);
  show();
});
