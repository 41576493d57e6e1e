// The list of colleagues that opens at an @ in a private note.

const MOST = 8;

async function asked(members, query) {
  const answer = await fetch(`${members}?search=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).slice(0, MOST) : [];
}

function optionOf(member, at, chosen, choose) {
  const option = document.createElement("li");
  option.id = `member-${at}`;
  option.role = "option";
  option.ariaSelected = String(at === chosen);
  const name = document.createElement("bdi");
  name.textContent = member.label;
  option.append(name);
  if (member.email !== member.label) {
    const address = document.createElement("bdi");
    address.textContent = member.email;
    address.className = "member-address";
    option.append(address);
  }
  // Not a click: the editor would lose its focus before.
  option.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    choose(member);
  });
  return option;
}

export function pickerOfMembers({ members, mayMention, place }) {
  let list = null;
  let found = [];
  let chosen = 0;
  let choose = () => {};

  const field = () => place.querySelector("[role=textbox]");
  function close() {
    list?.remove();
    list = null;
    field()?.removeAttribute("aria-activedescendant");
    field()?.removeAttribute("aria-controls");
  }
  function draw() {
    if (!found.length) return close();
    if (!list) {
      list = document.createElement("ul");
      list.id = "members";
      list.role = "listbox";
      list.ariaLabel = "Colleagues";
      list.className = "members";
      place.append(list);
    }
    list.replaceChildren(...found.map((member, at) => optionOf(member, at, chosen, choose)));
    field()?.setAttribute("aria-controls", "members");
    field()?.setAttribute("aria-activedescendant", `member-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }
  function show({ items, command }) {
    found = items;
    chosen = 0;
    choose = (member) => command({ id: String(member.id), label: member.label });
    draw();
  }
  function onKeyDown({ event }) {
    if (!list) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      chosen = (chosen + step + found.length) % found.length;
      draw();
    } else if (event.key === "Enter" || event.key === "Tab") choose(found[chosen]);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    return true;
  }
  return {
    char: "@",
    decorationClass: "mention-typed", // its own name for it is one of the search
    allow: () => mayMention(),
    items: ({ query }) => (mayMention() ? asked(members, query) : []),
    render: () => ({ onStart: show, onUpdate: show, onKeyDown, onExit: close }),
  };
}
