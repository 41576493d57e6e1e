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

export function open({ rows, shown, areSingleKeysOn, keepSingleKeys, showOver }) {
  const groups = Map.groupBy(rows, (row) => row.group);
  const parts = [...groups].map(([name, ofGroup]) => element("section", {}, element("h3", { textContent: name }), listOf(ofGroup, shown)));
  const box = element("input", { type: "checkbox", className: "checkbox checkbox-sm rounded-sm", checked: areSingleKeysOn() });
  box.addEventListener("change", () => keepSingleKeys(box.checked));
  const button = element("button", { type: "button", className: "btn btn-sm", textContent: "Close" });
  const end = element("div", { className: "key-end" }, element("label", {}, box, "Keys without Ctrl, in this browser"), button);
  const title = element("h2", { id: "keys-title", tabIndex: -1, textContent: "Keys" });
  const sheet = element("div", { id: "keys", className: "key-sheet" }, title, element("div", { className: "key-groups" }, ...parts), end);
  sheet.setAttribute("aria-labelledby", "keys-title");
  const close = showOver(sheet);
  button.addEventListener("click", close);
  title.focus(); // else a small screen begins at the end, where the box is
}
