// Files of a form: dropped, pasted, shown before they are sent, and taken out again; what is too large is not even sent.
// Without this file they are chosen by the button, and the browser shows how many there are.
"use strict";

const filesField = () => document.querySelector("#files");
const sizeOf = (n) =>
  (n < 1000 ? `${n} ${n === 1 ? "byte" : "bytes"}` : n < 1e6 ? `${Math.round(n / 1024)} KB` : `${(n / 1048576).toFixed(1)} MB`).replace(".0 ", " ");

// What of some files may be sent, and a sentence about what may not.
function allowed(files, { mostBytes, mostFiles, mostTogether }) {
  const kept = [];
  const problems = [];
  let together = 0;
  for (const file of files) {
    if (file.size > Number(mostBytes)) {
      problems.push(`“${file.name}” has ${sizeOf(file.size)}, and a file may have ${sizeOf(Number(mostBytes))} at most. It was left out.`);
    } else if (kept.length >= Number(mostFiles)) {
      problems.push(`A message may have ${mostFiles} files at most. “${file.name}” was left out.`);
    } else if (together + file.size > Number(mostTogether)) {
      problems.push(`The files of a message may have ${sizeOf(Number(mostTogether))} together. “${file.name}” was left out.`);
    } else {
      together += file.size;
      kept.push(file);
    }
  }
  return { kept, problem: problems.join(" ") };
}

const storedRows = () => document.querySelectorAll("#chosen-files > [data-stored]");

function showFilesProblem(problem) {
  const shown = document.querySelector("#files-problem");
  shown.textContent = problem;
  shown.hidden = problem === "";
}

function choose(files) {
  const field = filesField();
  const mostFiles = field.dataset.mostFiles - storedRows().length;
  const { kept, problem } = allowed(files, { ...field.dataset, mostFiles });
  const all = new DataTransfer();
  for (const file of kept) all.items.add(file);
  field.files = all.files;
  field.chosen = kept;
  showFilesProblem(problem);
  showChosen();
  field.dispatchEvent(new Event("files-chosen", { bubbles: true }));
}

// Drawn by hand: the policy of the pages allows no image from an address that a script has made.
const DRAWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);
const THUMBNAIL_PX = 80;

function thumbnailOf(file) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = THUMBNAIL_PX;
  canvas.className = "size-10 shrink-0 rounded-sm";
  canvas.setAttribute("aria-hidden", "true");
  createImageBitmap(file)
    .then((image) => {
      const side = Math.min(image.width, image.height);
      const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
      canvas.getContext("2d").drawImage(image, left, top, side, side, 0, 0, THUMBNAIL_PX, THUMBNAIL_PX);
      canvas.dataset.drawn = "yes";
      image.close();
    })
    .catch(() => canvas.remove()); // What says that it is an image and is none.
  return canvas;
}

function chosenRow(file) {
  const row = document.createElement("li");
  row.className = "file-chip";
  row.file = file;
  const name = document.createElement("bdi");
  name.className = "truncate";
  name.textContent = file.name;
  const size = document.createElement("span");
  size.className = "shrink-0";
  size.textContent = sizeOf(file.size);
  const out = document.createElement("button");
  out.type = "button";
  out.className = "btn btn-ghost btn-xs";
  out.textContent = "Remove";
  out.setAttribute("aria-label", `Remove ${file.name}`);
  out.addEventListener("click", () => removeRow(row));
  if (DRAWN.has(file.type) && file instanceof Blob) row.append(thumbnailOf(file));
  row.append(name, size, out);
  return row;
}

function removeRow(row) {
  if (row.file) choose([...filesField().files].filter((other) => other !== row.file));
  else {
    const id = row.querySelector("[name=file_ids]");
    row.remove();
    showChosen();
    filesField().dispatchEvent(new CustomEvent("file-removed", { bubbles: true, detail: id.value }));
  }
  filesField().focus();
}

// A row of a file that is stored already: its id is sent in the place of its content.
function markStored(row, { id, name, size }) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "file_ids", value: id });
  Object.assign(field.dataset, { name, size });
  row.dataset.stored = "yes";
  row.append(field);
}

function addStored({ id, name, size }) {
  const row = chosenRow({ name, size });
  row.file = undefined;
  markStored(row, { id, name, size });
  document.querySelector("#chosen-files").append(row);
}

// Without this script files that are stored already have a box to leave them out.
function takeOverStored() {
  const boxes = document.querySelector("fieldset.files-kept");
  for (const { value: id, dataset } of boxes?.querySelectorAll(":checked") ?? []) addStored({ ...dataset, id, size: Number(dataset.size) });
  boxes?.remove();
}

function showChosen() {
  takeOverStored();
  const list = document.querySelector("#chosen-files");
  const field = filesField();
  if (!list || !field) return;
  const shown = new Map([...list.children].map((row) => [row.file, row]));
  const rows = [...field.files].map((file) => shown.get(file) ?? chosenRow(file));
  list.replaceChildren(...storedRows(), ...rows);
  list.hidden = list.children.length === 0;
}

const add = (files) => choose([...filesField().files, ...files]);
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const takesFiles = (target) => Boolean(target.closest?.("[data-takes-files]") && filesField());
const showDropping = (isOn) => filesField()?.form.classList.toggle("is-dropping", isOn);

document.addEventListener("change", ({ target }) => {
  // The browser puts what is picked now in the place of what was picked before.
  if (target.id === "files") choose([...(target.chosen ?? []), ...target.files]);
});

document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files ?? [];
  const writtenIn = event.target.closest?.("textarea, [contenteditable]");
  if (!writtenIn || writtenIn.closest("form") !== filesField()?.form || !files.length) return;
  event.preventDefault();
  add(files);
});

// A file that is dropped beside the form must not take the page away either.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const isTaken = takesFiles(event.target);
    showDropping(name === "dragover" && isTaken);
    if (name === "drop" && isTaken) add(event.dataTransfer.files);
  });
}
document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) showDropping(false);
});
document.addEventListener("htmx:afterSettle", showChosen);
showChosen();
