// What the page shows, as commands: its links, its menus, the choices of its fields. A command presses or sends what is
// there. It is loaded with the command bar.

const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const wordsOf = (element) => {
  const copy = element.cloneNode(true);
  for (const icon of copy.querySelectorAll("svg, .rail-count, .without-script")) icon.remove();
  return (copy.textContent.trim() || element.title || element.getAttribute("aria-label") || "").replaceAll(/\s+/g, " ");
};

// Chooses an option of a field, as somebody does by hand: the field's form is sent.
function choose(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// A part of the page may have been drawn anew since its commands were offered: what stands in its place now is meant.
function choicesOf(selector, group, words = (name) => name) {
  const field = document.querySelector(selector);
  if (!field || field.disabled) return [];
  return [...field.options]
    .filter((option) => !option.selected && option.textContent.trim())
    .map((option) => ({ group, words: words(option.textContent.trim()), run: () => choose(document.querySelector(selector) ?? field, option.value) }));
}

function pressed(selector, group, words = wordsOf) {
  const commandOf = (element) => {
    const said = words(element);
    const run = () => (element.isConnected ? element : all(selector).find((one) => words(one) === said))?.click();
    return { group, words: said, run };
  };
  return all(selector).map(commandOf);
}

// ---- the open conversation

// A field that is folded away, and on a small screen behind the messages.
function askFor(selector, group, words) {
  if (!document.querySelector(selector)) return [];
  const run = () => {
    const field = document.querySelector(selector);
    if (!field) return;
    showDetails(true);
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    field.focus();
  };
  return [{ group, words, run }];
}

function ofTicket() {
  return [
    ...choicesOf("#status", "Status", (name) => `Set status to ${name}`),
    ...choicesOf("#priority", "Priority", (name) => `Set priority to ${name}`),
    ...choicesOf("#assignee", "Assignee", (name) => (name === "Unassigned" ? "Unassign" : `Assign to ${name}`)),
    ...choicesOf("#snooze", "Snooze", (name) => `Snooze: ${name}`),
    ...askFor("#snooze_at", "Snooze", "Snooze until another time…"),
    ...askFor("#due_at", "Conversation", "Set the due time…"),
    ...pressed("#details .tag-remove", "Tags", (button) => button.getAttribute("aria-label")),
    ...pressed("#thread-menu .menu-item", "Conversation"),
    ...pressed("[data-suggest]", "Writing", () => "Suggest a reply"),
  ];
}

let tagNames = null; // asked for once

async function knownTags() {
  if (!document.querySelector("#add-tag")) return [];
  if (!tagNames) {
    const answer = await fetch("/inbox/tags", { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) return [];
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    tagNames = all("option", found).map((option) => option.value);
  }
  const taken = new Set(all("#details [name=remove_tag]").map((one) => one.value));
  return tagNames.filter((name) => !taken.has(name)).map((name) => addsTag(name, `Add the tag ${name}`));
}

function addsTag(name, words) {
  const run = () => {
    const field = document.querySelector("#add-tag");
    if (!field) return;
    field.value = name;
    field.form.requestSubmit();
  };
  return { group: "Tags", words, run };
}

// A tag that is not in use yet.
export function newTag(typed) {
  return document.querySelector("#add-tag") && typed ? [addsTag(typed, `Add the tag “${typed}”`)] : [];
}

// ---- the list

function ofTicked() {
  const nTicked = all("#rows .row-tick:checked").length;
  if (!nTicked) return [];
  const group = `With the ${nTicked} ticked`;
  const lines = all("#bulk .bulk-line").flatMap((line) => {
    const [field, button] = [line.querySelector("select"), line.querySelector("button")];
    if (!field) return [];
    return [...field.options].filter((option) => !option.disabled).map((option) => ({
      group,
      words: `${wordsOf(button)}: ${option.textContent.trim()}`,
      run: () => {
        field.value = option.value;
        button.click();
      },
    }));
  });
  const tag = { group, words: "Tag or untag…", run: () => document.querySelector("#bulk [name=tag]").focus() };
  const merge = pressed("#bulk button[value=merge]", group);
  return [...lines, tag, ...merge, ...pressed("#bulk [data-unticks]", group, () => "Untick all")];
}

function ofList() {
  const filters = document.querySelector("#show-filters");
  return [
    ...pressed("#tick-all", "List", () => "Tick all that are shown"),
    ...choicesOf("#status-filter", "List", (name) => `Show: ${name}`),
    ...choicesOf("#order", "List", (name) => `Sort by: ${name}`),
    ...(filters ? [{ group: "List", words: "Filters", run: () => filters.click() }] : []),
    ...pressed(".chip-remove", "List"),
    ...pressed(".view-bar summary.btn, .view-bar form > button.menu-item, .view-bar > form > button", "Saved view"),
    ...pressed(".rail-end .menu-item", "Display"),
  ];
}

// ---- pages to go to

const goesTo = (link, group) => ({
  group,
  words: wordsOf(link),
  sought: link.dataset.sought,
  at: link.getAttribute("href"),
  run: () => location.assign(link.href),
});

let places = null; // asked for once

// The links of all pages that somebody may open, each group with its name.
async function knownPlaces(path) {
  if (!places) {
    const answer = await fetch(path, { headers: { "HX-Request": "true" } }).catch(() => null);
    const text = answer?.ok ? await answer.text() : "";
    // Where the server can't be reached, what is on the page is offered.
    const page = text ? new DOMParser().parseFromString(text, "text/html") : document;
    places = all(text ? "[data-group]" : "nav", page).flatMap((part) =>
      all("a[href]", part).map((link) => goesTo(link, part.dataset.group ?? part.getAttribute("aria-label") ?? "Go to")),
    );
    if (!text) return forgetting(places);
  }
  return places;
}

function forgetting(found) {
  places = null;
  return found;
}

// ---- what a search finds

export async function foundBy(text) {
  const answer = await fetch(`/inbox/search?${new URLSearchParams({ search: text })}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return all("[role=option]", page).map((link) => {
    const group = link.closest("[role=group]")?.getAttribute("aria-label") ?? "Search";
    return { group, words: wordsOf(link), content: [...link.childNodes], run: () => location.assign(link.getAttribute("href")) };
  });
}

const ofAccount = () => [...pressed("form[action='/logout'] button", "Account")];

// What the page can do now; the groups are in the order in which they are shown.
export const commandsOfPage = () => [...ofTicked(), ...ofTicket(), ...ofList(), ...ofAccount()];

// What the server is asked for.
export const commandsOfServer = async (path) => (await Promise.all([knownTags(), knownPlaces(path)])).flat();
