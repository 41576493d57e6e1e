// Picks the person to whom a new conversation goes. HTMX asks the server for persons. Without this file an address is typed.
"use strict";

const recipient = document.querySelector("#recipient_email");
const recipients = document.querySelector("#recipients");
const hidden = (name) => document.querySelector(`#recipient_${name}`);
const picked = document.querySelector("#picked");

if (recipient) {
  const show = optionsBelow(recipient, recipients, "recipient-list");

  function pick(name, distinctId, label) {
    hidden("name").value = name;
    hidden("distinct_id").value = distinctId;
    if (picked) picked.textContent = label ? `To ${label}` : "";
  }

  // Whoever types on means somebody else.
  recipient.addEventListener("input", () => pick("", "", ""));
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === recipients) show(document.activeElement === recipient);
  });
  recipients.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (!option) return;
    const { label, name, address, distinctId } = option.dataset;
    recipient.value = address || label;
    pick(name, distinctId, label);
    const channel = document.querySelector("#email_config_id");
    if (!address && [...channel.options].some((one) => one.value === "widget")) channel.value = "widget";
    show(false);
  });
}
