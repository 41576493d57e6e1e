// Buttons that copy a text: `data-copies` is the id of the element that shows it, `data-copies-address` an address of this
// site. Without this file a text can be selected by hand, and an address is in the bar of the browser.
"use strict";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const shown = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
    button.firstChild.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(shown); // no permission, or plain http: the keys for copying do the rest
    button.firstChild.textContent = "Selected";
  }
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies-address]");
  if (!button) return;
  const said = button.querySelector("span");
  const words = (said.dataset.words ??= said.textContent);
  said.textContent = (await copied(new URL(button.dataset.copiesAddress, location.href).href)) ? "Copied" : "Your browser doesn't allow it";
  setTimeout(() => (said.textContent = words), 3000);
});

// Over plain http a browser has no clipboard for scripts, but the old command.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text, className: "sr-only" }));
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  }
}
