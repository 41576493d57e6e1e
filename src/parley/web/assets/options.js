// A list of options below a field: arrow keys move in it, Enter takes the one that they have come to, Escape and leaving
// the field close it. What is in the list and what taking one means is the caller's.
"use strict";

// Returns `show(isOpen)`, to be called whenever the options have changed. Enter presses the option.
function optionsBelow(field, box, listId) {
  let active = -1;
  const optionsOf = () => [...box.querySelectorAll("[role=option]")];

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", listId);
  field.setAttribute("aria-expanded", "false");

  function choose(place) {
    const options = optionsOf();
    active = options.length ? Math.max(-1, Math.min(options.length - 1, place)) : -1;
    for (const [index, option] of options.entries()) option.setAttribute("aria-selected", String(index === active));
    if (active < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function show(isOpen) {
    const opens = isOpen && optionsOf().length > 0;
    box.hidden = !opens;
    field.setAttribute("aria-expanded", String(opens));
    choose(-1);
  }

  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && optionsOf().length) {
      event.preventDefault();
      if (box.hidden) show(true);
      choose(active + step);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      optionsOf()[active].click();
    } else if (event.key === "Escape" && !box.hidden) {
      // The field stays: the next Escape leaves it.
      event.preventDefault();
      show(false);
    }
  });
  // A press on an option must not take the field's focus, or the options would be gone before it is let go.
  box.addEventListener("mousedown", (event) => event.preventDefault());
  field.addEventListener("blur", () => show(false));
  return show;
}
