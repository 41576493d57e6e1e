// The menu of quick actions, articles and a suggested reply above the form to write in. The form loads this file when
// somebody opens the menu; without script a select takes its place.

const ASKED_AFTER_MS = 120;

function made(tag, attributes, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

const searchField = () =>
  made("input", {
    type: "text",
    role: "combobox",
    class: "input input-sm w-full",
    autocomplete: "off",
    "aria-label": "Search quick actions and articles",
    "aria-autocomplete": "list",
    "aria-expanded": "true",
    "aria-controls": "quick-options",
    placeholder: "Search quick actions and articles",
  });

function rowOf(option, at, take) {
  const row = made("div", { role: "option", id: `quick-option-${at}` }, made("bdi", {}, option.name));
  if (option.about) row.append(made("bdi", { class: "quick-about" }, option.about));
  if (option.sets) row.append(made("span", { class: "quick-sets" }, `Sets ${option.sets}`));
  row.addEventListener("pointerdown", (event) => event.preventDefault()); // the field would lose its focus
  row.addEventListener("click", () => take(option));
  return row;
}

// `form` is where the menu belongs, `path` where its options are asked for. `choose` is called with the option that is
// chosen. `closed` is called before, with false where the focus has gone elsewhere, and with what was typed after Escape.
export function openMenu({ form, path, choose, closed }) {
  const search = searchField();
  const options = made("div", { id: "quick-options", class: "quick-options", role: "listbox", "aria-label": "Quick actions" });
  const none = made("p", { class: "quick-none", role: "status" });
  const menu = made("div", { class: "quick-menu", role: "dialog", "aria-label": "Quick actions" }, search, options, none);
  let found = [];
  let chosen = 0;
  let timer = 0;
  let asking = null;
  let isStale = true; // what is shown is not yet what was typed
  let isHasty = false; // Enter was pressed before

  function close(typed) {
    if (!menu.isConnected) return;
    clearTimeout(timer);
    asking?.abort();
    menu.remove();
    closed(typed);
  }

  function take(option) {
    close(false);
    choose(option);
  }

  function mark() {
    const rows = [...options.querySelectorAll("[role=option]")];
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    if (!rows.length) return search.removeAttribute("aria-activedescendant");
    search.setAttribute("aria-activedescendant", rows[chosen].id);
    rows[chosen].scrollIntoView({ block: "nearest" });
  }

  function draw(groups) {
    found = groups.flatMap((group) => group.options);
    chosen = 0;
    let at = 0;
    const groupOf = ({ name, options: some }) =>
      made("div", { role: "group", "aria-label": name }, made("div", { role: "presentation" }, name), ...some.map((one) => rowOf(one, at++, take)));
    options.replaceChildren(...groups.map(groupOf));
    options.hidden = !found.length;
    none.textContent = found.length ? "" : "Nothing has these words.";
    isStale = false;
    mark();
    if (isHasty && found.length) take(found[0]);
    isHasty = false;
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${path}?search=${encodeURIComponent(search.value)}`, { headers: { Accept: "application/json" }, signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const groups = await answer.json();
      if (!signal.aborted) draw(groups);
    } catch {
      if (signal.aborted) return; // something else was asked meanwhile, or nothing any more
      draw([]);
      none.textContent = "The menu can't be loaded now. Please try again.";
    }
  }

  search.addEventListener("input", () => {
    isStale = true;
    clearTimeout(timer);
    timer = setTimeout(ask, ASKED_AFTER_MS);
  });
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isOver = event.key === "Escape" || (event.key === "Backspace" && !search.value);
    if (!step && !isOver && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (isOver) close(event.key === "Escape" ? search.value : null);
    else if (step && found.length) {
      chosen = (chosen + step + found.length) % found.length;
      mark();
    } else if (isStale) {
      isHasty = true;
      clearTimeout(timer);
      ask();
    } else if (found.length) take(found[chosen]);
  });
  menu.addEventListener("focusout", () => {
    setTimeout(() => {
      if (document.hasFocus() && !menu.contains(document.activeElement)) close(false);
    });
  });

  form.append(menu);
  search.focus();
  ask();
}
