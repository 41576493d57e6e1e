// The search field of the inbox: what it finds while somebody types, and what they have searched for before. HTMX asks the
// server. Without this file the form searches when it is sent.
"use strict";

const MOST_RECENT = 6;
const searchField = document.querySelector("#search");
const found = document.querySelector("#suggestions");
const RECENT = `parley.searches.${searchField.dataset.recent}`;
const show = optionsBelow(searchField, found, "suggestion-list");

// ---- what was searched for before: it stays in this browser, until its user signs out

function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return kept.filter((text) => typeof text === "string").slice(0, MOST_RECENT);
  } catch {
    return [];
  }
}

function remember(text) {
  const wanted = text.trim();
  if (wanted.length < 2) return;
  try {
    const kept = [wanted, ...recent().filter((one) => one !== wanted)].slice(0, MOST_RECENT);
    localStorage.setItem(RECENT, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing has no recent searches.
  }
}

function showRecent() {
  const list = document.createElement("div");
  list.id = "suggestion-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Recent searches");
  const heading = document.createElement("p");
  heading.className = "suggestion-heading";
  heading.setAttribute("role", "presentation");
  heading.textContent = "Recent searches";
  list.append(heading);
  for (const [index, text] of recent().entries()) {
    const link = document.createElement("a");
    Object.assign(link, { id: `recent-${index}`, className: "suggestion truncate", tabIndex: -1, textContent: text });
    link.href = `/inbox?${new URLSearchParams({ search: text })}`;
    link.setAttribute("role", "option");
    list.append(link);
  }
  found.replaceChildren(list);
  show(true);
}

// ---- what happens

searchField.addEventListener("focus", () => (searchField.value.trim() ? show(true) : showRecent()));
searchField.addEventListener("input", () => {
  if (!searchField.value.trim()) showRecent();
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== found) return;
  // The field was emptied while the answer was on its way.
  if (!searchField.value.trim()) return showRecent();
  show(document.activeElement === searchField);
  const count = found.querySelectorAll("[role=option]").length - 1; // the last one leads to the list
  document.querySelector("#announcer").textContent = `${count} ${count === 1 ? "result" : "results"}`;
});

found.addEventListener("click", ({ target }) => {
  if (target.closest("[role=option]")) remember(searchField.value || target.closest("[role=option]").textContent);
});
searchField.form.addEventListener("submit", () => remember(searchField.value));
