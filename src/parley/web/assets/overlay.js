// A dialog over the page, which waits until it is closed. It is a popover, not a modal dialog: that one makes each element of
// the page inert, which takes a browser a fifth of a second where the list has two thousand rows. What a modal dialog does by
// itself is done here: the keyboard stays in it, Escape and a press beside it close it, and the keyboard goes back to where it was.

const TABBED = "a[href], button, input, select, textarea, [tabindex]";

class Overlay {
  constructor(panel) {
    this.panel = panel;
    this.before = document.activeElement;
    this.last = panel; // what had the keyboard last
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-modal", "true");
    panel.tabIndex = -1; // a press on its words leaves the keyboard in it
    this.root = Object.assign(document.createElement("div"), { className: "overlay", popover: "auto" });
    this.root.append(panel);
    this.onKey = (event) => this.press(event);
    this.onFocus = ({ target }) => this.hold(target);
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("focusin", this.onFocus);
    // It lies over the whole page, so nothing behind it is pressed. A press that begins in the panel, to mark a text, ends nothing.
    let isBeside = false;
    this.root.addEventListener("mousedown", (event) => {
      isBeside = event.target === this.root;
      if (isBeside) event.preventDefault();
    });
    this.root.addEventListener("click", ({ target }) => isBeside && target === this.root && this.close());
    // The browser itself closes it, too: the button Back of a phone.
    this.root.addEventListener("toggle", ({ newState }) => newState === "closed" && this.close());
    document.body.append(this.root);
    this.root.showPopover();
  }

  press(event) {
    if (event.isComposing || (event.key !== "Escape" && event.key !== "Tab")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return this.close();
    const stops = [...this.panel.querySelectorAll(TABBED)].filter((one) => one.tabIndex >= 0 && !one.disabled);
    const at = stops.indexOf(document.activeElement);
    const next = event.shiftKey ? Math.max(at, 0) - 1 : at + 1;
    (stops.at(next % stops.length) ?? this.panel).focus();
  }

  hold(target) {
    if (this.panel.contains(target)) this.last = target;
    else this.last.focus();
  }

  close() {
    if (!this.root.isConnected) return;
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("focusin", this.onFocus);
    if (this.root.matches(":popover-open")) this.root.hidePopover();
    // The list may have been loaded anew meanwhile: then the row of the same id is another one.
    const before = this.before.isConnected ? this.before : document.getElementById(this.before.id);
    before?.focus({ preventScroll: true });
    this.root.dispatchEvent(new Event("close"));
    this.root.remove();
  }
}

// Shows a panel as a dialog, and returns what closes it.
export function showOver(panel) {
  const overlay = new Overlay(panel);
  return () => overlay.close();
}
