// Files of a reply are stored as soon as they are chosen, and belong to its draft from then on (drafts.js): whoever opens another
// conversation, or the page again, finds them there. What can't be stored now waits in the form, and goes along when it is sent.
"use strict";

const beingStored = new Map(); // a file, and what stops its upload

const chosenRowOf = (form, file) => [...form.querySelectorAll("#chosen-files > li")].find((row) => row.file === file);

// Whoever has gone to another conversation and is back has another form for the same draft.
function formNow(form) {
  const shown = document.querySelector("#composer form");
  return !form.isConnected && shown?.dataset.draft === form.dataset.draft ? shown : form;
}

function takeOut(form, file) {
  const field = form.querySelector("#files");
  const others = new DataTransfer();
  for (const one of field.files) if (one !== file) others.items.add(one);
  field.files = others.files;
  field.chosen = [...others.files];
}

function showStored(started, file, stored) {
  const form = formNow(started);
  takeOut(started, file);
  const row = chosenRowOf(started, file) ?? chosenRow(file);
  row.file = undefined;
  form.querySelector("#chosen-files").append(row);
  markStored(row, stored);
  showChosen();
  keepLater(form);
  if (!form.isConnected) keepNow();
}

async function storeFile(form, file) {
  const stop = new AbortController();
  beingStored.set(file, Object.assign(stop, { form }));
  const body = new FormData();
  body.append("file", file);
  const headers = { "X-CSRFToken": form.elements.csrf_token.value };
  const answer = await fetch(form.dataset.uploads, { method: "POST", headers, body, signal: stop.signal }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (stop.signal.aborted) return;
  beingStored.delete(file);
  if (answer?.ok && said) showStored(form, file, said);
  else if (answer?.status === 413) {
    takeOut(form, file);
    showChosen();
    showFilesProblem(`${said?.detail ?? ""} “${file.name}” was left out.`);
  }
}

function uploadChosen() {
  const field = filesField();
  const form = field?.form;
  if (!form?.dataset.uploads) return;
  const files = [...field.files];
  for (const [file, stop] of beingStored) if (stop.form === form && !files.includes(file)) stopUpload(file);
  for (const file of files) {
    if (beingStored.has(file)) continue;
    const done = storeFile(form, file).finally(() => keepingFiles.delete(done));
    keepingFiles.add(done);
  }
}

function stopUpload(file) {
  beingStored.get(file).abort();
  beingStored.delete(file);
}

document.addEventListener("files-chosen", uploadChosen);
document.addEventListener("htmx:sseOpen", uploadChosen);
document.addEventListener("htmx:confirm", ({ detail }) => {
  // What is under way when a form is sent is sent with it.
  if (detail.target?.id === "composer") for (const file of [...beingStored.keys()]) stopUpload(file);
});
addEventListener("beforeunload", (event) => {
  if (beingStored.size) event.preventDefault();
});
