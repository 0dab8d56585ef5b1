// Ticks off the rules of the password while it is typed.
import { enhance } from "./dom.js";

enhance("[data-rules]", (list) => {
  const field = document.getElementById(list.dataset.rules);
  const status = document.querySelector("[data-rules-status]");
  const rules = [...list.querySelectorAll("[data-pattern]")].map((item) => [item, new RegExp(item.dataset.pattern, "su")]);
  const show = () => {
    let met = 0;
    for (const [item, pattern] of rules) {
      const fulfilled = pattern.test(field.value);
      met += fulfilled;
      item.classList.toggle("is-met", fulfilled);
      item.classList.toggle("is-unmet", !fulfilled && field.value !== "");
    }
    status.textContent = field.value ? status.dataset.text.replace("{met}", met).replace("{all}", rules.length) : "";
  };
  field.addEventListener("input", show);
  show();
});
