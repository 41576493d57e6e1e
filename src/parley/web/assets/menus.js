// Closes open menus: by Escape, which gives the keyboard back to the button, and by a press elsewhere.
"use strict";

document.addEventListener("keydown", ({ key }) => {
  const open = key === "Escape" && document.querySelector("details[data-closes][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});
