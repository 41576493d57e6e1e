// The dialog with all keys of the page, made of the table of shortcuts. It is loaded when somebody asks for it.

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function listOf(rows, shown) {
  const pairs = rows.map((row) => {
    const keys = shown(row).flatMap((key, index) => [...(index ? [" or "] : []), element("kbd", { className: "kbd kbd-sm", textContent: key })]);
    return element("div", {}, element("dt", { textContent: row.words }), element("dd", {}, ...keys));
  });
  return element("dl", {}, ...pairs);
}

export function open({ rows, shown, areSingleKeysOn, keepSingleKeys }) {
  document.querySelector("#keys")?.remove();
  const groups = Map.groupBy(rows, (row) => row.group);
  const parts = [...groups].map(([name, ofGroup]) => element("section", {}, element("h3", { textContent: name }), listOf(ofGroup, shown)));
  const box = element("input", { type: "checkbox", className: "checkbox checkbox-sm rounded-sm", checked: areSingleKeysOn() });
  box.addEventListener("change", () => keepSingleKeys(box.checked));
  const close = element("form", { method: "dialog", className: "key-end" },
    element("label", {}, box, "Keys without Ctrl, in this browser"),
    element("button", { className: "btn btn-sm", textContent: "Close" }));
  const title = element("h2", { id: "keys-title", tabIndex: -1, textContent: "Keys" });
  const dialog = element("dialog", { id: "keys", className: "key-sheet" }, title, element("div", { className: "key-groups" }, ...parts), close);
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  title.focus(); // else a small screen begins at the end, where the box is
}
