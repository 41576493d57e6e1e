// What can be done by keys: one table, which the listener below, the cheat sheet and the command bar read. A row presses
// what the page shows, so that nothing is changed in a second way. Every page of people who are signed in has this file;
// what needs the inbox holds only there.
"use strict";

// ---- where a row holds

const opensLists = () => document.querySelector("main.inbox") !== null;
const isTicketOpen = () => document.querySelector("#opened") !== null;
const isInComposer = () => document.activeElement?.closest("#composer") !== null;

const PLACES = {
  everywhere: () => true,
  inbox: opensLists,
  conversation: isTicketOpen,
  form: isInComposer,
};

// ---- what a row does

const pressable = (selector) => [...document.querySelectorAll(selector)].find((one) => !one.disabled);
const currentRow = () => document.activeElement?.closest("#rows .row") ?? document.querySelector("#rows .row[aria-current]");

function step(by) {
  const rows = [...document.querySelectorAll("#rows .row")];
  if (!rows.length) return;
  const focused = rows.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute("aria-current"));
  // One that has left the list meanwhile, as a resolved one does, has given its place to the next one.
  const moved = placesAround(at >= 0 ? rows[at].dataset.number : ticketNumber());
  if (moved && by > 0 && moved.below >= rows.length) return; // it was the last one
  const next = moved ? (by > 0 ? moved.below : moved.above) : at >= 0 ? at + by : lastPlace < 0 ? 0 : by > 0 ? lastPlace : lastPlace - 1;
  const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
  row.focus();
  row.click();
}

function write(kind) {
  const choice = document.querySelector(`#composer input[value="${kind}"]`);
  if (!choice) return;
  showDetails(false);
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  focusComposer();
}

// On a small screen the details stand in the place of the messages.
function showDetails(isShown) {
  const box = document.querySelector("#show-details");
  if (box) box.checked = isShown;
}

function focusOn(selector) {
  const place = document.querySelector(selector);
  if (!place) return;
  if (place.tabIndex < 0) place.tabIndex = -1;
  place.focus();
}

function focusDetails() {
  showDetails(true);
  focusOn("#details");
}

function focusThread() {
  showDetails(false);
  focusOn(".thread-scroll");
}

function focusForm() {
  showDetails(false);
  focusComposer();
}

function search() {
  const field = document.querySelector("#search");
  field.focus();
  field.select();
}

const frame = document.querySelector("[data-command-bar]");

const isDialogOpen = () => document.querySelector(".overlay") !== null;

// These two are loaded when somebody asks for them, and what shows them over the page.
async function openDialog(name, makeOptions) {
  const { overlay, [name]: address } = frame.dataset;
  const [{ open }, { showOver }] = await Promise.all([import(address), import(overlay)]);
  const options = await makeOptions();
  if (!isDialogOpen()) open({ ...options, shown: shownKeys, showOver });
}

function openBar(group = "") {
  const { pageCommands, places } = frame.dataset;
  const rows = SHORTCUTS.filter(holds); // before the dialog takes the focus
  const page = import(pageCommands); // beside the others
  return openDialog("commandBar", async () => ({ group, rows, run: perform, places, page: await page }));
}

function openSheet() {
  const rows = SHORTCUTS.filter((row) => row.place === "everywhere" || opensLists());
  return openDialog("cheatSheet", () => ({ rows, areSingleKeysOn, keepSingleKeys }));
}

// ---- the table
// `keys`: each of them does it; "g i" is one after the other, "Ctrl" is Cmd, too. `press`: what is pressed; `go`: the page
// that is opened; `choose`: the group of commands that the command bar offers; `run`: anything else. `told`: keys that
// another part of the page listens to. `waits`: a key that changes something or leaves the page; it must not be the first
// letter of words.

const SHORTCUTS = [
  { group: "Everywhere", keys: ["Ctrl+k"], words: "Open the command bar", place: "everywhere", run: () => openBar(), isOfBar: true },
  { group: "Everywhere", keys: ["?"], words: "Show the keys", place: "everywhere", run: openSheet },
  { group: "Go to", keys: ["g i"], words: "Inbox", place: "everywhere", go: "/inbox" },
  { group: "Go to", keys: ["g m"], words: "My conversations", place: "everywhere", go: "/inbox?who=mine" },
  { group: "Go to", keys: ["g u"], words: "Unassigned conversations", place: "everywhere", go: "/inbox?who=unassigned" },
  { group: "Go to", keys: ["g o"], words: "Overdue conversations", place: "everywhere", go: "/inbox?sla=breached" },
  { group: "Go to", keys: ["g a"], words: "Analytics", place: "everywhere", go: "/insights" },
  { group: "Go to", keys: ["g s"], words: "Settings", place: "everywhere", go: "/settings" },
  { group: "Go to", keys: ["c"], words: "New conversation", place: "everywhere", go: "/compose", waits: true },
  { group: "List", keys: ["j", "ArrowDown"], words: "Next conversation", place: "inbox", run: () => step(1), repeats: true },
  { group: "List", keys: ["k", "ArrowUp"], words: "Conversation before", place: "inbox", run: () => step(-1), repeats: true },
  { group: "List", keys: ["x"], words: "Tick or untick the conversation", place: "inbox", needs: "#tick-all", run: () => currentRow()?.closest("li").querySelector(".row-tick")?.click() },
  { group: "List", keys: ["/"], words: "Search", place: "inbox", run: search },
  { group: "Move to", keys: ["1"], words: "The list", place: "inbox", run: () => focusOn("#rows .row[aria-current], #rows .row") },
  { group: "Move to", keys: ["2"], words: "The messages", place: "conversation", run: focusThread },
  { group: "Move to", keys: ["3"], words: "The form to write in", place: "conversation", run: focusForm },
  { group: "Move to", keys: ["4"], words: "The details", place: "conversation", run: focusDetails },
  { group: "Conversation", keys: ["e"], words: "Resolve or reopen", place: "conversation", press: "#resolve", waits: true },
  { group: "Conversation", keys: ["a"], words: "Assign to me", place: "conversation", press: "#assign-me", waits: true },
  { group: "Conversation", keys: ["A"], words: "Assign to…", place: "conversation", needs: "#assignee", choose: "Assignee" },
  { group: "Conversation", keys: ["s"], words: "Snooze…", place: "conversation", needs: "#snooze", choose: "Snooze" },
  { group: "Conversation", keys: ["p"], words: "Priority…", place: "conversation", needs: "#priority", choose: "Priority" },
  { group: "Conversation", keys: ["u"], words: "Status…", place: "conversation", needs: "#status", choose: "Status" },
  { group: "Conversation", keys: ["t"], words: "Tags…", place: "conversation", needs: "#add-tag", choose: "Tags" },
  { group: "Conversation", keys: ["z"], words: "Undo", place: "inbox", press: "#composer [data-held]:not([hidden]) button, #undo-note:not([hidden]) button, #told button", waits: true },
  { group: "Writing", keys: ["r"], words: "Write a reply", place: "conversation", needs: "#composer [value=reply]", run: () => write("reply") },
  { group: "Writing", keys: ["n"], words: "Write a private note", place: "conversation", needs: "#composer [value=note]", run: () => write("note") },
  { group: "Writing", keys: ["Ctrl+Enter"], words: "Send what you have written", place: "form", press: "#composer [data-default]" },
  { group: "Writing", keys: ["Ctrl+Shift+Enter"], words: "Send and resolve", place: "form", press: "#composer button[name=then][value=resolved]" },
  { group: "Writing", told: "/ in an empty line", keys: [], words: "Quick actions", place: "conversation", press: "[data-quick-actions]" },
  { group: "Writing", told: "Esc", keys: [], words: "Leave the field", place: "form", run: () => document.activeElement.blur(), isOfBar: true },
];

// Whether a row can be done now: its place is there, and so is what it needs.
function holds(row) {
  const needed = row.press ?? row.needs;
  return PLACES[row.place]() && (!needed || pressable(needed) !== undefined);
}

function perform(row) {
  if (row.run) row.run();
  else if (row.go) location.assign(row.go);
  else if (row.choose) openBar(row.choose);
  else pressable(row.press)?.click();
}

// ---- how keys are written for people

const KEY_NAMES = { ArrowDown: "↓", ArrowUp: "↑", k: "K" };
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

function shownKey(key) {
  const parts = key.split("+");
  if (parts.length > 1) return parts.map((part) => (part === "Ctrl" && isMac ? "Cmd" : (KEY_NAMES[part] ?? part))).join(" + ");
  if (/^[A-Z]$/.test(key)) return `Shift + ${key}`;
  return key.startsWith("Arrow") ? KEY_NAMES[key] : key.replace(" ", " then ");
}

const shownKeys = (row) => (row.told ? [row.told] : row.keys.map(shownKey));

// ---- keys without Ctrl can be switched off, for people who speak to their computer: this browser keeps it

const SINGLE_KEYS = "parley.single-keys";

function areSingleKeysOn() {
  try {
    return localStorage.getItem(SINGLE_KEYS) !== "off";
  } catch {
    return true;
  }
}

function keepSingleKeys(areOn) {
  try {
    localStorage.setItem(SINGLE_KEYS, areOn ? "on" : "off");
  } catch {
    // A browser that keeps nothing has them switched on.
  }
}

// ---- the listener

const WRITTEN_IN = "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit]), textarea, [contenteditable]";
const takesLetters = (element) => element.matches(`${WRITTEN_IN}, select`);
// Whoever is in a form with a field to write in means words, also on one of its buttons.
const isForWords = (element) => takesLetters(element) || Boolean(element.closest("form")?.querySelector(WRITTEN_IN));

const SECOND_KEY_MS = 2000;
let first = ""; // the first of two keys, and when it was pressed
let firstAt = 0;

const WORDS_MS = 150; // letters that come faster are words: nobody presses keys of this table one behind another like that
let letterAt = -WORDS_MS;
let rowWaiting = 0; // a row that is done unless another letter comes

const rowOf = (key) => SHORTCUTS.find((row) => row.keys.includes(key) && holds(row));
const isCommand = (event) => (event.ctrlKey || event.metaKey) && !event.altKey;

function take(event, row) {
  event.preventDefault();
  event.stopPropagation();
  if (event.repeat && !row.repeats) return;
  if (!row.waits) return perform(row);
  rowWaiting = setTimeout(() => holds(row) && !isDialogOpen() && perform(row), WORDS_MS);
}

// Before the editor, which keeps Enter to itself.
document.addEventListener(
  "keydown",
  (event) => {
    if (!isCommand(event) || event.isComposing) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const row = rowOf(`Ctrl+${event.shiftKey ? "Shift+" : ""}${key}`);
    if (row && !isDialogOpen()) take(event, row);
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing) return;
  if (key === "Escape" && opensLists() && isForWords(target)) target.blur();
  const isFree = !isForWords(target) && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isFree || !areSingleKeysOn() || isDialogOpen()) return;
  if (key.startsWith("Arrow") && !target.matches("#rows .row, body")) return;
  const isSecond = first && event.timeStamp - firstAt < SECOND_KEY_MS;
  const row = (isSecond && rowOf(`${first} ${key}`)) || rowOf(key);
  first = "";
  const isInWords = key.length === 1 && event.timeStamp - letterAt < WORDS_MS;
  if (key.length === 1) letterAt = event.timeStamp;
  if (isInWords) clearTimeout(rowWaiting);
  if (isInWords && (row?.waits || row?.choose)) return;
  if (row) return take(event, row);
  if (SHORTCUTS.some((one) => one.keys.some((keys) => keys.startsWith(`${key} `)))) [first, firstAt] = [key, event.timeStamp];
});

// What follows a field is no part of a word that was begun before it: somebody may press one key, write a few letters into what
// it has opened and press the next one, all of it as fast as words.
document.addEventListener("focusin", ({ target }) => {
  if (isForWords(target)) letterAt = -WORDS_MS;
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-opens-bar]")) openBar();
});
