// The form to write in: an editor takes the place of its text field once somebody touches it, and its buttons format
// what is selected. Without this file, or while the editor is on its way, the text field is all there is.
"use strict";

let writing = null; // the editor that is open, with its field
let loaded = null; // the modules of the editor and of its menus, once they were asked for
let menus = null; // the second of them: even a module that is there is imported some keys later
let isComposing = false; // letters of some languages are made of several keys
let released = Promise.resolve(); // when the pointer is not held down any more

const fieldOfComposer = () => document.querySelector("#content");
const isNote = (form) => form.elements.kind?.value === "note"; // a new conversation has no notes

function placeholderOf(field) {
  return isNote(field.form) ? field.dataset.asNote : field.dataset.asReply;
}

function keepWords() {
  const { field, opened } = writing;
  const hadWords = Boolean(field.value.trim());
  field.value = opened.text();
  // What a quick action sets goes with its text.
  if (hadWords && !field.value.trim() && field.form.elements.actions) showActions(field.form, { actions: "", words: "" });
  field.form.elements.rich_content.value = JSON.stringify(opened.rich());
  field.dispatchEvent(new Event("input", { bubbles: true }));
  showFilled();
}

// What was said of placeholders is over once all of them are filled in, and names too many once one is.
function showFilled() {
  const { field, opened } = writing;
  const before = writing.hasPlaceholders;
  writing.hasPlaceholders = opened.hasPlaceholders();
  const names = field.form.querySelector("p[data-unfilled]");
  if (names && field.value !== field.defaultValue) names.textContent = "Fill in what is still marked, or send it as it is.";
  if (!before || writing.hasPlaceholders) return;
  const said = field.form.querySelectorAll("[data-unfilled]");
  for (const one of said) one.remove();
  if (said.length) opened.editor.view.dom.removeAttribute("aria-invalid");
  showNotice("");
}

function showTools() {
  const { field, opened } = writing;
  for (const button of field.form.querySelectorAll("[data-format]")) {
    button.ariaPressed = String(opened.editor.isActive(button.dataset.format));
  }
}

function openEditor(field, { open }) {
  const { form } = field;
  const hadFocus = document.activeElement === field;
  const rich = document.createElement("input");
  Object.assign(rich, { type: "hidden", name: "rich_content" });
  const place = document.createElement("div");
  place.className = "composer-place";
  field.before(place, rich);
  const opened = open({
    place,
    label: field.getAttribute("aria-label"),
    placeholder: () => placeholderOf(field),
    text: field.value,
    rich: field.dataset.rich && field.value === field.defaultValue ? JSON.parse(field.dataset.rich) : null,
    mayMention: () => isNote(form),
    members: form.dataset.members,
    changed: () => {
      if (writing?.field !== field) return;
      keepWords();
      showTools();
    },
    submit: () => form.requestSubmit(form.querySelector("[data-default]")),
  });
  writing = { field, opened, hasPlaceholders: opened.hasPlaceholders() };
  form.querySelector(".composer-tools").hidden = false;
  rich.value = JSON.stringify(opened.rich());
  if (field.hasAttribute("aria-invalid")) {
    place.firstChild.setAttribute("aria-invalid", "true");
    place.firstChild.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
  }
  if (hadFocus) focusComposer();
  field.hidden = true; // not before: whoever types in it must not lose a key
}

async function edit() {
  const field = fieldOfComposer();
  if (!field || field.hidden || field.matches(":disabled")) return;
  // The menu too: letters that are typed behind a slash while it is loaded would be in the message.
  const { editor, menu } = field.form.dataset;
  loaded ??= Promise.all([editor, menu].filter(Boolean).map((address) => import(address)));
  let module;
  try {
    [module, menus] = await loaded;
  } catch {
    loaded = null; // the text field goes on working, and the next touch tries again
    return;
  }
  // The editor moves what stands above it: a button must not be gone from under a finger that is still on it.
  await released;
  const now = fieldOfComposer();
  if (now && !now.hidden && !isComposing) openEditor(now, module);
}

// What was put into another form, or into none, is over.
function letGo() {
  if (writing && !writing.field.isConnected) {
    writing.opened.editor.destroy();
    writing = null;
  }
}

function focusComposer() {
  if (!writing?.field.isConnected) return fieldOfComposer()?.focus();
  const { field, opened } = writing;
  const isRefused = field.form.querySelector("p[data-unfilled]") && field.value === field.defaultValue;
  if (isRefused) opened.focusPlaceholder();
  else opened.focusEnd();
}

// Letters that nobody takes are shortcuts of the page: whoever has sent something goes on in its form, whatever the answer is.
async function focusAnswered({ status }) {
  if (status !== 200 && !document.activeElement.matches("body, #composer *")) return; // somebody went elsewhere meanwhile
  if (status !== 200 && status !== 422) return focusWhereItWas();
  focusComposer();
  const further = typedBehind;
  typedBehind = "";
  if (!further) return;
  await edit();
  writing?.opened.focusEnd();
  insertText(further, null);
}

// A dialog that is closed gives the keyboard back to the editor, but not the cursor: keys would go nowhere.
document.addEventListener("close", () => writing?.opened.editor.view.hasFocus() && writing.opened.focus(), true);

// ---- buttons

const FORMATS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  strike: (chain) => chain.toggleStrike(),
  code: (chain) => chain.toggleCode(),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  codeBlock: (chain) => chain.toggleCodeBlock(),
};

// Tiptap's own command gives the editor the keyboard with the next frame: keys in between would be lost.
function chainNow() {
  writing.opened.focus();
  return writing.opened.editor.chain();
}

function askForLink(form) {
  const row = form.querySelector(".link-row");
  row.hidden = !row.hidden;
  if (row.hidden) return focusComposer();
  const address = row.querySelector("input");
  address.value = writing.opened.editor.getAttributes("link").href ?? "";
  address.focus();
}

const BARE_ADDRESS = /^[^\s/?#:@.]+(\.[^\s/?#:@.]+)+([/?#:]\S*)?$/; // as people say it: fern.example/care

function setLink(form) {
  const row = form.querySelector(".link-row");
  const field = row.querySelector("input");
  const typed = field.value.trim();
  const address = BARE_ADDRESS.test(typed) ? `https://${typed}` : typed;
  if (!/^https?:\/\/[^\s/]/i.test(address)) {
    field.setCustomValidity("Give an address that begins with https:// or http://.");
    field.reportValidity();
    field.setCustomValidity(""); // said once; it must not hold the message back
    return;
  }
  row.hidden = true;
  const { editor } = writing.opened;
  const isOnNothing = editor.state.selection.empty && !editor.isActive("link");
  const chain = chainNow();
  if (isOnNothing) chain.insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href: address } }] }).unsetMark("link").run();
  else chain.extendMarkRange("link").setLink({ href: address }).run();
}

function removeLink(form) {
  form.querySelector(".link-row").hidden = true;
  chainNow().extendMarkRange("link").unsetLink().run();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-format], [data-link]");
  if (!button || !writing) return;
  const { format, link } = button.dataset;
  if (format === "link") askForLink(button.form);
  else if (format) FORMATS[format](chainNow()).run();
  else if (link === "set") setLink(button.form);
  else removeLink(button.form);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.(".link-row")) return;
  if (event.key === "Enter") {
    event.preventDefault();
    if (event.target.matches("input")) setLink(event.target.form);
    else event.target.click();
  } else if (event.key === "Escape") {
    event.preventDefault();
    askForLink(event.target.form);
  }
});

// ---- the choice between a reply and a note, and letters beside the field

// The browser would give the keyboard to the choice, and what is typed next would be shortcuts.
document.addEventListener("click", (event) => {
  const choice = event.target.closest("#composer .kind")?.querySelector("input");
  if (!choice || event.target === choice) return;
  event.preventDefault();
  write(choice.value);
});

// Letters on a button of the form are meant for its field. They go there, as the field has the keyboard by then.
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!target.closest?.("#composer") || takesLetters(target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const isChoice = target.name === "kind";
  if (isChoice && (key === "Enter" || key === " ")) {
    event.preventDefault(); // Enter would send the form
    write(target.value);
  } else if (key.length === 1 && key !== " ") focusWhereItWas();
});

// ---- menus: quick actions, and emoji

const EMOJI_COLUMNS = 8;
let isMenuOpen = false;

function insertText(words, rich) {
  const field = fieldOfComposer();
  if (writing?.field === field) return writing.opened.insert(words, rich);
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function focusWhereItWas() {
  if (writing?.field.isConnected) writing.opened.focus();
  else fieldOfComposer()?.focus();
}

function showNotice(words) {
  const place = document.querySelector("#composer .composer-notice");
  if (place) place.textContent = words;
}

function showActions(form, { actions, words }) {
  const label = form.querySelector(".composer-actions");
  label.hidden = !actions;
  label.querySelector("[data-words]").textContent = words;
  Object.assign(form.elements.actions, { value: actions, checked: true });
}

async function answerTo(path, more = {}) {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, ...more }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (answer?.ok && said) return said;
  return { problem: said?.detail ?? "This can't be inserted now. Please try again." };
}

async function insert(form, option) {
  if (option.value === "suggestion") return suggest(form.querySelector("[data-suggest]"));
  const { checked, value } = form.elements.actions;
  const asked = new URLSearchParams({ insert: option.value, actions: checked ? value : "" });
  // Before there is a conversation, only the form knows to whom it will go.
  for (const name of ["recipient_name", "recipient_distinct_id", "recipient_email", "email_config_id", "email_subject"]) {
    if (form.elements[name]) asked.set(name, form.elements[name].value);
  }
  const found = await answerTo(`${form.dataset.insertions}/insertion?${asked}`);
  if (!form.isConnected) return; // another conversation was opened meanwhile
  if (found.problem) return showNotice(found.problem);
  if (found.only_changes) {
    const source = form.querySelector("[data-quick-actions]");
    const told = { source, target: "#composer", swap: "innerHTML", values: { insert: option.value } };
    await htmx.ajax("POST", source.getAttribute("formaction"), told);
    return focusComposer();
  }
  showActions(form, found);
  insertText(found.content, found.rich_content);
  showNotice(found.notice);
}

// It goes where the cursor is, so that the editor can take it back.
async function suggest(button) {
  const { form } = button;
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  button.disabled = true;
  const [found] = await Promise.all([answerTo(button.getAttribute("formaction"), { method: "POST", body }), edit()]);
  button.disabled = false;
  if (!form.isConnected) return; // another conversation was opened meanwhile
  showNotice(found.problem ?? found.notice);
  showSources(form, found.sources ?? []);
  if (found.content) insertText(found.content, found.rich_content);
  else focusWhereItWas();
}

function showSources(form, sources) {
  const named = sources.flatMap(({ type, title, url }, at) => {
    const name = Object.assign(document.createElement("bdi"), { textContent: title });
    const link = Object.assign(document.createElement("a"), { href: url, target: "_blank", className: "link" });
    link.append(name);
    return [at ? ", " : "", ...(type === "quick_action" ? ["the quick action ", name] : [link])];
  });
  form.querySelector(".suggestion-sources").replaceChildren(...(named.length ? ["Suggested from ", ...named, " – read it before you send it."] : []));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-suggest]");
  if (!button) return;
  event.preventDefault();
  suggest(button);
});

// `parts` is called with the module of the menu, and gives what it shows. What somebody has typed behind a slash and then
// left by Escape was meant to be text.
async function openMenuOf(form, parts, slash = "") {
  if (isMenuOpen) return;
  isMenuOpen = true;
  const closed = (typed) => {
    isMenuOpen = false;
    if (typed === false) return;
    if (typed !== null && slash) insertText(slash + typed, null);
    else focusWhereItWas();
  };
  try {
    const menu = menus ?? (await import(form.dataset.menu));
    menu.openMenu({ form, closed, ...(await parts(menu)) });
  } catch {
    showNotice("The menu can't be loaded now. Please try again.");
    closed("");
  }
}

function openQuickActions(form, slash) {
  const path = `${form.dataset.insertions}/quick-actions`;
  const parts = ({ findActions, linkToMake }) => ({
    more: linkToMake(),
    name: "Quick actions",
    label: "Search quick actions and articles",
    find: (text, signal) => findActions(path, text, signal),
    choose: (option) => insert(form, option),
  });
  return openMenuOf(form, parts, slash);
}

function openEmoji(form) {
  const { emoji, emojiList } = form.dataset;
  const parts = async () => {
    const { find, use } = await import(emoji);
    const choose = ({ value }) => {
      use(value);
      insertText(value, null);
    };
    return { name: "Emoji", label: "Search emoji", columns: EMOJI_COLUMNS, find: (text, signal) => find(emojiList, text, signal), choose };
  };
  return openMenuOf(form, parts);
}

function isOnEmptyLine(target) {
  const field = fieldOfComposer();
  if (writing?.field === field) return writing.opened.editor.view.dom === target && writing.opened.isOnEmptyLine();
  if (target !== field || field.selectionStart !== field.selectionEnd) return false;
  const [before, after] = [field.value.slice(0, field.selectionStart), field.value.slice(field.selectionStart)];
  return (!before || before.endsWith("\n")) && (!after || after.startsWith("\n"));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-inserts]");
  if (button) insertText(button.dataset.inserts, null);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-quick-actions], [data-emoji-menu]");
  if (!button) return;
  event.preventDefault();
  if (button.matches("[data-emoji-menu]")) openEmoji(button.form);
  else openQuickActions(button.form);
});
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isComposing) return;
    const form = fieldOfComposer()?.form;
    if (!form?.querySelector("[data-quick-actions]") || !isOnEmptyLine(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
    openQuickActions(form, "/");
  },
  true, // before the editor
);

// ---- when

document.addEventListener(
  "pointerdown",
  () => {
    const ends = ["pointerup", "pointercancel"];
    // The click comes right behind the end of the press.
    released = new Promise((done) => ends.forEach((name) => document.addEventListener(name, () => setTimeout(done), { once: true, capture: true })));
  },
  true,
);
for (const name of ["focusin", "pointerdown"]) {
  document.addEventListener(name, ({ target }) => {
    if (target.closest?.("#composer")) edit();
  });
}
// Somebody may be quicker than this file. HTMX, which sends the form, takes its elements over before this listener is called.
document.addEventListener("DOMContentLoaded", () => document.activeElement?.closest("#composer") && edit());
document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => {
  isComposing = false;
  if (document.activeElement === fieldOfComposer()) edit();
});
document.addEventListener("change", ({ target }) => {
  if (target.name !== "kind" || !target.closest("#composer")) return;
  const field = fieldOfComposer();
  field.placeholder = placeholderOf(field);
  if (writing?.field === field) writing.opened.redraw();
});
// While a reply can be taken back, the form counts the seconds.
setInterval(() => {
  const held = document.querySelector("[data-held]");
  if (!held || held.hidden) return;
  const left = Number(held.dataset.held) - 1;
  held.dataset.held = String(left);
  held.hidden = left < 0;
  held.querySelector("[data-seconds]").textContent = String(Math.max(left, 0));
}, 1000);
// It stands below the messages meanwhile, so that whoever has sent it sees it, and can think again.
const heldPlace = () => document.querySelector("#held-message");
const wordsOfMessage = (message) => message?.querySelector(".message-rich, .message-text")?.textContent.replaceAll(/\s+/g, " ").trim();

function showHeld() {
  const message = document.querySelector("#composer [data-held-message]")?.content.cloneNode(true);
  heldPlace()?.replaceChildren(...(message ? [message] : []));
  if (message) heldPlace()?.scrollIntoView({ block: "end" });
}

// By now it may be one of the messages.
function dropHeld() {
  const held = heldPlace()?.querySelector(".message");
  if (!held) return;
  const isOver = document.querySelector("[data-held]:not([hidden])") === null;
  const last = [...document.querySelectorAll("#messages > .message-team")].at(-1);
  if (isOver || wordsOfMessage(last) === wordsOfMessage(held)) held.remove();
}

document.addEventListener("DOMContentLoaded", showHeld);
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "composer" || detail.target.id === "ticket") showHeld();
  if (detail.target.id === "messages") dropHeld();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (/\/held\//.test(detail.pathInfo.requestPath)) queueMicrotask(focusComposer);
});

// ---- what is typed while a message is on its way

let underWay = null; // the form that is being sent, with its words
let typedSince = null; // what is to stand in the next form
let typedBehind = ""; // what is to stand behind the words of a message that is refused

const isSending = ({ elt, pathInfo }) => elt.matches("form.composer") && /\/messages(\?|$)/.test(pathInfo.requestPath);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (isSending(detail)) underWay = { form: detail.elt, words: detail.elt.elements.content.value };
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (underWay?.form !== detail.requestConfig.elt) return;
  const { form, words } = underWay;
  const now = form.elements.content.value;
  underWay = null;
  if (now === words) return;
  if (detail.xhr.status === 422 && now.startsWith(words)) typedBehind = now.slice(words.length);
  if (detail.xhr.status !== 200) return;
  typedSince = { kind: form.elements.kind.value, words: now.startsWith(words) ? now.slice(words.length).trimStart() : now };
});

function bringTyped() {
  const field = fieldOfComposer();
  if (!typedSince || !field) return;
  field.form.querySelector(`[name=kind][value=${typedSince.kind}]`).checked = true;
  field.value = typedSince.words;
  typedSince = null;
  // Not before the draft of what was sent is dropped.
  queueMicrotask(() => field.dispatchEvent(new Event("input", { bubbles: true })));
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "composer") bringTyped();
  letGo();
  if (loaded && !writing) edit();
});
