// Buttons that copy a text: `data-copies` is the id of the element that shows it. Without this file the text can be
// selected by hand.
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
