// A menu above the form to write in, in which one searches: of quick actions, articles and a suggested reply, or of emoji.
// The form loads this file when somebody opens a menu; without script a select takes the place of the first.

const ASKED_AFTER_MS = 120;

function made(tag, attributes, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

const searchField = (label) =>
  made("input", {
    type: "text",
    role: "combobox",
    class: "input input-sm w-full",
    autocomplete: "off",
    "aria-label": label,
    "aria-autocomplete": "list",
    "aria-expanded": "true",
    "aria-controls": "quick-options",
    placeholder: label,
  });

// In a grid there is place for the name alone; what it is about is said to who can't see it, or points at it.
function cellOf(option, at) {
  return made("div", { role: "option", id: `quick-option-${at}`, "aria-label": option.about, title: option.about }, option.name);
}

function rowOf(option, at) {
  const row = made("div", { role: "option", id: `quick-option-${at}` }, made("bdi", {}, option.name));
  if (option.about) row.append(made("bdi", { class: "quick-about" }, option.about));
  if (option.sets) row.append(made("span", { class: "quick-sets" }, `Sets ${option.sets}`));
  return row;
}

// What `find` gives for quick actions, articles and a suggested reply, which are at `path`.
export async function findActions(path, text, signal) {
  const answer = await fetch(`${path}?search=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

// It opens beside what somebody is writing, which stays.
export const linkToMake = () => made("a", { class: "quick-more", href: "/settings/quick-actions/new", target: "_blank" }, "Create a quick action");

// `form` is where the menu belongs. `find` is called with what was typed and a signal, and gives groups of options. `choose`
// is called with the option that is chosen. `closed` is called before, with false where the focus has gone elsewhere,
// with what was typed after Escape, else with null. With `columns` the options stand in a grid; `more` is a link below them.
export function openMenu({ form, name, label, find, choose, closed, columns = 1, more = "" }) {
  const isGrid = columns > 1;
  const search = searchField(label);
  const options = made("div", { id: "quick-options", class: `quick-options${isGrid ? " quick-grid" : ""}`, role: "listbox", "aria-label": name });
  const none = made("p", { class: "quick-none", role: "status" });
  const menu = made("div", { class: "quick-menu", role: "dialog", "aria-label": name }, search, options, none, more);
  const steps = isGrid ? { ArrowDown: columns, ArrowUp: -columns, ArrowRight: 1, ArrowLeft: -1 } : { ArrowDown: 1, ArrowUp: -1 };
  let found = [];
  let rows = [];
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

  // The keyboard goes back at once: what is typed while an option is on its way must be no shortcuts.
  function take(option) {
    close(null);
    choose(option);
  }

  function mark(before) {
    rows[before]?.setAttribute("aria-selected", "false");
    rows[chosen]?.setAttribute("aria-selected", "true");
    if (!rows.length) return search.removeAttribute("aria-activedescendant");
    search.setAttribute("aria-activedescendant", rows[chosen].id);
    rows[chosen].scrollIntoView({ block: "nearest" });
  }

  function draw(groups) {
    found = groups.flatMap((group) => group.options);
    chosen = 0;
    let at = 0;
    const groupOf = ({ name: said, options: some }) =>
      made("div", { role: "group", "aria-label": said }, made("div", { role: "presentation" }, said), ...some.map((one) => (isGrid ? cellOf : rowOf)(one, at++)));
    options.replaceChildren(...groups.map(groupOf));
    rows = [...options.querySelectorAll("[role=option]")];
    for (const row of rows) row.setAttribute("aria-selected", "false");
    options.hidden = !found.length;
    none.textContent = found.length ? "" : search.value ? "Nothing has these words." : "There is nothing here yet.";
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
      const groups = await find(search.value, signal);
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
    // Left and right move the cursor in what was typed.
    const step = isGrid && search.value && /^Arrow(Left|Right)$/.test(event.key) ? undefined : steps[event.key];
    const isOver = event.key === "Escape" || (event.key === "Backspace" && !search.value);
    if (!step && !isOver && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (isOver) close(event.key === "Escape" ? search.value : null);
    else if (step && found.length) {
      const before = chosen;
      chosen = Math.abs(step) === 1 ? (chosen + step + found.length) % found.length : Math.min(Math.max(chosen + step, 0), found.length - 1);
      mark(before);
    } else if (isStale) {
      isHasty = true;
      clearTimeout(timer);
      ask();
    } else if (found.length) take(found[chosen]);
  });
  options.addEventListener("pointerdown", (event) => event.preventDefault()); // the field would lose its focus
  options.addEventListener("click", ({ target }) => {
    const at = rows.indexOf(target.closest("[role=option]"));
    if (at >= 0) take(found[at]);
  });
  menu.addEventListener("focusout", () => {
    setTimeout(() => {
      if (document.hasFocus() && !menu.contains(document.activeElement)) close(false);
    });
  });

  (form.querySelector("#composer") ?? form).append(menu); // above the field, where the form has others, too
  search.focus();
  ask();
}
