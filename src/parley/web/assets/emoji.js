// The emoji for the menu above the form to write in, those first that somebody has used in this browser.

const USED = "parley-emoji";
const MOST_USED = 16;
const MOST_FOUND = 96;
let groups = null;

function lastUsed() {
  try {
    const found = JSON.parse(localStorage.getItem(USED));
    return Array.isArray(found) ? found.slice(0, MOST_USED) : [];
  } catch {
    return []; // nothing was kept, or nothing may be
  }
}

export function use(emoji) {
  const kept = [emoji, ...lastUsed().filter((one) => one !== emoji)].slice(0, MOST_USED);
  try {
    localStorage.setItem(USED, JSON.stringify(kept));
  } catch {
    // the browser keeps nothing: the usual order stays
  }
}

const optionOf = ([value, about]) => ({ value, name: value, about });

// `path` is where the list is. Words are looked for at the beginning of the words of an emoji, all of them.
export async function find(path, text, signal) {
  if (!groups) {
    const answer = await fetch(path, { signal });
    if (!answer.ok) throw new Error(answer.statusText);
    groups = await answer.json();
  }
  const all = groups.flatMap(([, some]) => some);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length) {
    const hasAll = ([, name, more]) => words.every((word) => ` ${name} ${more}`.toLowerCase().includes(` ${word}`));
    return [{ name: "Found", options: all.filter(hasAll).slice(0, MOST_FOUND).map(optionOf) }];
  }
  const used = lastUsed().flatMap((value) => all.filter(([one]) => one === value));
  const shown = used.length ? [["Used last", used], ...groups] : groups;
  return shown.map(([name, some]) => ({ name, options: some.map(optionOf) }));
}
