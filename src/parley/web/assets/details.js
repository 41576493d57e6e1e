// What stands beside a conversation: folds stay as somebody has left them while the server's news load them anew.
"use strict";

let folds = new Map(); // which fold is open, by its id

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "details") return;
  folds = new Map([...detail.target.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  // A form that is saved has done what it was opened for.
  const sent = detail.requestConfig.verb === "post" && detail.requestConfig.elt.closest("details[data-form]");
  if (sent && detail.xhr.status === 200) folds.delete(sent.id);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "details") return;
  for (const one of detail.target.querySelectorAll("details[id]")) {
    if (folds.has(one.id)) one.open = folds.get(one.id);
  }
});
