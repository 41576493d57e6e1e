// Picks the person to whom a new conversation goes, and says how a text message goes. HTMX asks the server for persons.
// Without this file an address or a number is typed.
"use strict";

const recipient = document.querySelector("#recipient_email");
const recipients = document.querySelector("#recipients");
const hidden = (name) => document.querySelector(`#recipient_${name}`);
const picked = document.querySelector("#picked");
const channel = document.querySelector("#email_config_id");
const subject = document.querySelector("#email_subject");
const route = document.querySelector("#text-route");
const sendsFrom = () => channel.selectedOptions[0]?.dataset.sendsFrom;
const addressee = { address: "", phone: "", label: "" }; // of the person who was picked

// Only what is for the chosen channel is shown; a text message says where it goes before it is sent.
function showChannel() {
  const from = sendsFrom();
  for (const help of document.querySelectorAll("[data-of]")) help.hidden = help.dataset.of === "sms" ? !from : channel.value !== "widget";
  subject.closest(".field").hidden = Boolean(from);
  subject.disabled = Boolean(from);
  if (route) {
    route.hidden = !from;
    route.textContent = from ? `Text message to ${recipient.value.trim() || "…"}, from ${from}` : "";
  }
}

if (recipient) {
  const show = optionsBelow(recipient, recipients, "recipient-list");

  function pick(name, distinctId, label) {
    hidden("name").value = name;
    hidden("distinct_id").value = distinctId;
    if (picked) picked.textContent = label ? `To ${label}` : "";
  }

  // Whoever types on means somebody else.
  recipient.addEventListener("input", () => {
    Object.assign(addressee, { address: "", phone: "", label: "" });
    pick("", "", "");
    showChannel();
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === recipients) show(document.activeElement === recipient);
  });

  // The address or the number of whoever was picked, as the channel wants it.
  function showAddress() {
    recipient.value = (sendsFrom() ? addressee.phone : addressee.address) || addressee.label;
  }

  recipients.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (!option) return;
    const { label, name, address, phone, distinctId } = option.dataset;
    Object.assign(addressee, { address, phone, label });
    const options = [...channel.options];
    const other = (phone && options.find((one) => one.dataset.sendsFrom)) || options.find((one) => one.value === "widget");
    if (other && !(sendsFrom() ? phone : address)) channel.value = other.value;
    showAddress();
    pick(name, distinctId, label);
    showChannel();
    show(false);
  });
  channel.addEventListener("change", () => {
    if (addressee.label) showAddress();
    showChannel();
  });
  showChannel();
}
