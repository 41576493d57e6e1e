// Closes open menus: by Escape, which gives the keyboard back to the button, and by a press elsewhere. Every page has it.
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

// What somebody has searched for stays in their browser only as long as they are signed in.
document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") !== "/logout") return;
  for (const key of Object.keys(localStorage)) if (key.startsWith("parley.searches.")) localStorage.removeItem(key);
});
