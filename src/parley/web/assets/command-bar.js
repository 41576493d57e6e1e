// The command bar: a dialog with everything that can be done now, narrowed by typing. Arrows move, Enter does it, Escape
// closes. It is loaded when somebody asks for it.

const SEARCHED_AFTER_MS = 200;
const SHORTEST_SEARCH = 2;
const MOST_SHOWN = 100;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Without accents and capitals, so that "reunion" finds "Réunion".
const folded = (text) => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();

// How well a command fits what is typed: 0 is best, null doesn't fit. Every word must stand in it.
export function fit(command, typed) {
  const wanted = folded(typed).split(/\s+/).filter(Boolean);
  const words = folded(command.words);
  const known = `${words} ${folded(command.group)} ${folded(command.sought ?? "")}`;
  if (!wanted.every((word) => known.includes(word))) return null;
  if (words.startsWith(wanted.join(" "))) return 0;
  return wanted.every((word) => ` ${words}`.includes(` ${word}`)) ? 1 : 2;
}

class CommandBar {
  constructor({ group, rows, run, shown, places, page, showOver }) {
    Object.assign(this, { group, places, page });
    const withKeys = rows.filter((row) => !row.isOfBar).map((row) => ({ ...row, keysShown: shown(row), run: () => run(row) }));
    // What is open comes first.
    const order = ["form", "conversation", "inbox", "everywhere"];
    withKeys.sort((a, b) => order.indexOf(a.place) - order.indexOf(b.place));
    this.known = [...withKeys, ...page.commandsOfPage()];
    this.found = [];
    this.active = 0;
    this.draw();
    this.show();
    this.close = showOver(this.panel);
    this.field.focus();
    this.load();
  }

  draw() {
    const list = { id: "command-list", className: "command-list" };
    this.field = element("input", { type: "text", className: "command-field", autocomplete: "off", spellcheck: false, maxLength: 200 });
    this.list = element("div", list);
    this.count = element("p", { className: "sr-only" });
    this.count.setAttribute("role", "status");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list" })) {
      this.field.setAttribute(name, value);
    }
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Commands");
    this.panel = element("div", { id: "command-bar", className: "command-bar" }, this.field, this.list, this.count);
    this.panel.setAttribute("aria-label", "Command bar");
    this.field.addEventListener("input", () => this.type());
    this.panel.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.place));
    });
  }

  async load() {
    const more = await this.page.commandsOfServer(this.places);
    // A page that has a key is offered once, with its key.
    const taken = new Set(this.known.map((one) => one.go));
    this.known.push(...more.filter((one) => !taken.has(one.at)));
    if (this.panel.isConnected) this.show();
  }

  type() {
    clearTimeout(this.timer);
    const typed = this.field.value.trim();
    this.found = [];
    this.active = 0;
    this.show();
    if (this.group || typed.length < SHORTEST_SEARCH) return;
    this.timer = setTimeout(async () => {
      const found = await this.page.foundBy(typed);
      if (this.field.value.trim() !== typed) return;
      this.found = found;
      this.show();
    }, SEARCHED_AFTER_MS);
  }

  fitting() {
    const typed = this.field.value.trim();
    const known = this.group ? this.known.filter((one) => one.group === this.group) : this.known;
    const fits = known.map((one) => ({ one, rank: fit(one, typed) })).filter(({ rank }) => rank !== null);
    if (typed) fits.sort((a, b) => a.rank - b.rank);
    const commands = fits.map(({ one }) => one);
    const isNew = this.group === "Tags" && !commands.some((one) => one.words === `Add the tag ${typed}`);
    return [...commands, ...(isNew ? this.page.newTag(typed) : []), ...this.found].slice(0, MOST_SHOWN + this.found.length);
  }

  show() {
    this.field.placeholder = this.group || "Do something, go to a page, or search";
    this.field.setAttribute("aria-label", this.group ? `${this.group}: choose` : "Command");
    const groups = Map.groupBy(this.fitting(), (one) => one.group);
    this.options = [...groups.values()].flat();
    let place = 0;
    const parts = [...groups].map(([name, commands], index) => {
      const heading = element("p", { id: `command-group-${index}`, className: "suggestion-heading", textContent: name });
      heading.setAttribute("role", "presentation");
      const part = element("div", {}, heading, ...commands.map((one) => this.option(one, place++)));
      part.setAttribute("role", "group");
      part.setAttribute("aria-labelledby", heading.id);
      return part;
    });
    const none = element("p", { className: "command-none", textContent: "Nothing is found. Try other words." });
    this.list.replaceChildren(...(parts.length ? parts : [none]));
    this.count.textContent = `${this.options.length} ${this.options.length === 1 ? "command" : "commands"}`;
    this.mark(Math.min(this.active, this.options.length - 1));
  }

  option(one, place) {
    const words = one.content ? element("span", { className: "command-found" }, ...one.content.map((node) => document.importNode(node, true))) : element("bdi", { className: "min-w-0 truncate", textContent: one.words });
    const keys = (one.keysShown ?? []).map((key) => element("kbd", { className: "kbd kbd-xs", textContent: key }));
    const made = element("div", { id: `command-${place}`, className: "suggestion command" }, words, element("span", { className: "command-keys" }, ...keys));
    made.setAttribute("role", "option");
    made.dataset.place = String(place);
    return made;
  }

  mark(place) {
    this.active = Math.max(0, place);
    for (const option of this.list.querySelectorAll("[role=option]")) {
      const isActive = Number(option.dataset.place) === this.active;
      option.setAttribute("aria-selected", String(isActive));
      if (isActive) option.scrollIntoView({ block: "nearest" });
    }
    if (this.options.length) this.field.setAttribute("aria-activedescendant", `command-${this.active}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  press(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    const last = this.options.length - 1;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") this.close();
    else if (step && last >= 0) {
      const next = this.active + step;
      if (Math.abs(step) === 1) this.mark(next > last ? 0 : next < 0 ? last : next);
      else this.mark(Math.min(last, Math.max(0, next)));
    } else if (event.key === "Enter") this.take(this.active);
    else if (event.key === "Backspace" && !this.field.value && this.group) {
      this.group = "";
      this.show();
    } else return;
    event.preventDefault();
  }

  // Closed first: the keyboard is back where it was, and the command may take it elsewhere.
  take(place) {
    const chosen = this.options[place];
    if (!chosen) return;
    this.close();
    chosen.run();
  }
}

export const open = (options) => new CommandBar(options);
