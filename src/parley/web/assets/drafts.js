// Drafts: what is typed for a conversation is kept on the server, a second after the last key and when somebody leaves.
// Where the server can't keep it (no network, a session that is over), it waits in this tab. So does what is being sent,
// until the server has answered that it has it.
"use strict";

const KEPT_AFTER_MS = 1000;
const MOST_AT_LEAVING = 60000; // letters; a browser sends no more from a page that is being left

let draftTimer = 0;
let unkept = null; // the form whose draft is yet to be kept
let keeping = Promise.resolve(); // drafts are kept one after the other, in the order in which they were typed
let nUnderWay = 0; // drafts that the server is keeping at the moment

// Whoever signs in after somebody in the same tab gets nothing of theirs.
const inThisTab = (form) => `parley-draft-${form.dataset.writer}-${form.dataset.draft}`;

const filesIn = (form) => [...form.querySelectorAll("[name=file_ids]")];
const keepingFiles = new Set(); // uploads that are under way (uploads.js)

const wordsOf = (form) => form.querySelector(".composer-actions [data-words]").textContent;

function draftOf(form) {
  const { actions } = form.elements;
  const rich = form.elements.rich_content?.value;
  return {
    message: form.elements.content.value,
    rich_content: rich ? JSON.parse(rich) : null,
    is_private: form.elements.kind.value === "note",
    actions: actions.checked && actions.value ? JSON.parse(actions.value) : null,
    file_ids: filesIn(form).map(({ value }) => value),
  };
}

function forget(form) {
  for (const end of ["", "-set", "-key", "-files"]) sessionStorage.removeItem(inThisTab(form) + end);
}

// So is an empty form: the next page may be loaded before the server has heard that its draft is gone.
function keepInThisTab(form) {
  const body = JSON.stringify(draftOf(form));
  sessionStorage.setItem(inThisTab(form), body);
  sessionStorage.setItem(`${inThisTab(form)}-set`, wordsOf(form));
  sessionStorage.setItem(`${inThisTab(form)}-key`, form.elements.key.value);
  const files = filesIn(form).map(({ value: id, dataset: { name, size } }) => ({ id, name, size: Number(size) }));
  sessionStorage.setItem(`${inThisTab(form)}-files`, JSON.stringify(files));
  return body;
}

// A server that had come to a halt may take a draft after the message of which it was the draft.
const drop = (form) => fetch(form.dataset.draft, { method: "DELETE", headers: { "X-CSRFToken": form.elements.csrf_token.value } });

function put(form, body, isLeaving) {
  return fetch(form.dataset.draft, {
    method: body === undefined ? "DELETE" : "PUT",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    keepalive: isLeaving && (body?.length ?? 0) < MOST_AT_LEAVING,
    body,
  }).catch(() => null);
}

// Nobody loses what they have written for a file that is gone meanwhile.
const withoutFiles = (body) => JSON.stringify({ ...JSON.parse(body), file_ids: [] });

async function store(form, isLeaving) {
  const body = keepInThisTab(form);
  const isEmpty = !form.elements.content.value.trim() && !filesIn(form).length;
  if (isEmpty && !form.dataset.kept) return forget(form);
  const key = inThisTab(form);
  nUnderWay += 1;
  let answer = await put(form, isEmpty ? undefined : body, isLeaving);
  if (answer?.status === 400 && filesIn(form).length) answer = await put(form, withoutFiles(body), isLeaving);
  nUnderWay -= 1;
  if (answer?.ok) {
    form.dataset.kept = isEmpty ? "" : "yes";
    // Sending drops no draft that another window has kept since.
    form.elements.draft_at.value = isEmpty ? "" : (await answer.clone().json()).updated_at;
  }
  // Another one may have been typed meanwhile.
  if (answer?.ok && sessionStorage.getItem(key) === body) forget(form);
}

function keepNow(isLeaving = false) {
  clearTimeout(draftTimer);
  const form = unkept;
  unkept = null;
  if (!form) return;
  // Whoever leaves can't wait for what was kept before.
  if (isLeaving) keeping = Promise.all([keeping, store(form, true)]);
  else keeping = keeping.then(() => store(form, false));
}

function keepLater(form) {
  if (unkept && unkept !== form) keepNow();
  unkept = form;
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keepNow, KEPT_AFTER_MS);
}

const KEPT = "#content, [name=kind], [name=actions], [name=file_ids], #files";

function keepSoon({ target }) {
  if (!target.matches(KEPT)) return;
  const form = target.closest("#composer form");
  if (form?.dataset.draft) keepLater(form); // it may edit a note that is there already
}

// Files that are stored already: what was left out by then stays left out.
function restoreFiles(form, ids, files) {
  showChosen();
  for (const row of storedRows()) if (!ids.includes(row.querySelector("[name=file_ids]").value)) row.remove();
  for (const one of files) if (!filesIn(form).some(({ value }) => value === one.id)) addStored(one);
  showChosen();
}

// What the server could not keep is put back into the form.
function restoreDraft() {
  const field = document.querySelector("#content");
  const kept = field?.form.dataset.draft && sessionStorage.getItem(inThisTab(field.form));
  if (!kept || field.hidden) return;
  const { message, rich_content: rich, is_private: isPrivate, actions, file_ids: ids } = JSON.parse(kept);
  field.value = field.defaultValue = message;
  if (rich) field.dataset.rich = JSON.stringify(rich);
  else delete field.dataset.rich;
  // Where only the answer was lost, it was sent already, and is not sent again.
  const { key } = field.form.elements;
  key.value = sessionStorage.getItem(`${inThisTab(field.form)}-key`) ?? key.value;
  field.form.querySelector(`[value=${isPrivate ? "note" : "reply"}]`).click();
  const words = sessionStorage.getItem(`${inThisTab(field.form)}-set`) ?? "";
  showActions(field.form, { actions: actions ? JSON.stringify(actions) : "", words });
  restoreFiles(field.form, ids ?? [], JSON.parse(sessionStorage.getItem(`${inThisTab(field.form)}-files`) ?? "[]"));
  unkept = field.form;
  keepNow();
}

// What was sent is no draft any more, also where it was being kept at that moment.
function dropDraft(form) {
  if (unkept === form) {
    clearTimeout(draftTimer);
    unkept = null;
  }
  forget(form);
}

document.addEventListener("input", keepSoon);
document.addEventListener("change", keepSoon);
document.addEventListener("file-removed", keepSoon);
document.addEventListener("visibilitychange", () => document.hidden && keepNow(true));
addEventListener("pagehide", () => keepNow(true));
document.addEventListener("DOMContentLoaded", restoreDraft);
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "ticket") restoreDraft();
});

// What could not be kept while the server was away is kept once it is back.
document.addEventListener("htmx:sseOpen", () => {
  const form = document.querySelector("#content")?.form;
  if (!form?.dataset.draft || unkept || sessionStorage.getItem(inThisTab(form)) === null) return;
  unkept = form;
  keepNow();
});

// A message waits for its draft to be kept: kept behind it, the draft would be there again. So do another conversation, since
// whoever comes back at once finds the draft, and another form, which has to know of it.
const MOST_WAITED_MS = 1500;

document.addEventListener("htmx:confirm", (event) => {
  const { elt, target, issueRequest } = event.detail;
  const isSending = elt.matches("#composer form");
  const isLeft = /^(ticket|composer)$/.test(target?.id);
  if (!isSending && !(isLeft && (unkept || keepingFiles.size))) return;
  event.preventDefault();
  if (isSending) {
    clearTimeout(draftTimer);
    unkept = null;
    if (elt.dataset.draft) keepInThisTab(elt); // the session may be over, or the server away
  }
  const kept = isSending ? keeping : Promise.all([...keepingFiles]).then(() => keepNow()).then(() => keeping);
  Promise.race([kept, new Promise((done) => setTimeout(done, MOST_WAITED_MS))]).then(() => {
    // The row that was clicked may have come anew meanwhile.
    if (elt.isConnected) issueRequest();
    else document.getElementById(elt.id)?.click();
  });
});
// Asked of the request itself: HTMX tells the page nothing of a form that is gone from it, as this one is by then.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { elt, xhr, pathInfo } = detail;
  if (!elt.dataset.draft || !/\/messages(\?|$)/.test(pathInfo.requestPath)) return;
  const isFirst = nUnderWay > 0; // it doesn't wait any longer for the draft
  xhr.addEventListener("load", () => {
    if (xhr.status !== 200) return;
    dropDraft(elt);
    if (isFirst) keeping = keeping.then(() => drop(elt)).catch(() => null);
  });
});
