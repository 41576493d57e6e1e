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

function choose(files) {
  const field = filesField();
  const { kept, problem } = allowed(files, field.dataset);
  const all = new DataTransfer();
  for (const file of kept) all.items.add(file);
  field.files = all.files;
  const shown = document.querySelector("#files-problem");
  shown.textContent = problem;
  shown.hidden = problem === "";
  showChosen();
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

function showChosen() {
  const list = document.querySelector("#chosen-files");
  const field = filesField();
  if (!list || !field) return;
  list.hidden = field.files.length === 0;
  list.replaceChildren(
    ...[...field.files].map((file, at) => {
      const row = document.createElement("li");
      row.className = "file-chip";
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
      out.addEventListener("click", () => {
        choose([...filesField().files].filter((_, other) => other !== at));
        filesField().focus();
      });
      if (DRAWN.has(file.type)) row.append(thumbnailOf(file));
      row.append(name, size, out);
      return row;
    }),
  );
}

const add = (files) => choose([...filesField().files, ...files]);
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const takesFiles = (target) => Boolean(target.closest?.("[data-takes-files]") && filesField());
const showDropping = (isOn) => filesField()?.form.classList.toggle("is-dropping", isOn);

document.addEventListener("change", ({ target }) => {
  if (target.id === "files") choose([...target.files]);
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
