// Files in the composer: dropped, pasted, shown before they are sent, and taken out again. Without this file they are
// chosen by the button, and the browser shows how many there are.
"use strict";

const filesField = () => document.querySelector("#files");
const sizeOf = (n) => (n < 1000 ? `${n} ${n === 1 ? "byte" : "bytes"}` : n < 1e6 ? `${Math.round(n / 1024)} KB` : `${(n / 1048576).toFixed(1)} MB`);

function choose(files) {
  const field = filesField();
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  field.files = all.files;
  showChosen();
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
      row.append(name, size, out);
      return row;
    }),
  );
}

const add = (files) => choose([...filesField().files, ...files]);
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const thread = (target) => target.closest?.(".inbox-thread");

document.addEventListener("change", ({ target }) => {
  if (target.id === "files") showChosen();
});

document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files ?? [];
  if (event.target.id !== "content" || !files.length) return;
  event.preventDefault();
  add(files);
});

// A file that is dropped beside the form must not take the page away either.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const composer = thread(event.target) && document.querySelector(".composer");
    document.querySelector(".composer")?.classList.toggle("is-dropping", name === "dragover" && Boolean(composer));
    if (name === "drop" && composer) add(event.dataTransfer.files);
  });
}
document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) document.querySelector(".composer")?.classList.remove("is-dropping");
});
document.addEventListener("htmx:afterSettle", showChosen);
