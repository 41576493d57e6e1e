// Draws each `<script type="application/json" data-chart>` into the element before it, anew when the theme or the width
// changes. The page's policy allows no code made of text, so Vega's interpreter reads the expressions.
"use strict";

(() => {
  const ENTRY_HEIGHT = 20; // of the legend, as in `fitted` (analytics/charts/rules/specs.py)
  const NARROWEST = 240;
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map(); // from a script to what is drawn of it

  const theme = () => document.documentElement.dataset.theme ?? (darkness.matches ? "dark" : "light");

  // Nothing of a chart is ever loaded.
  const refuse = () => Promise.reject(new Error("Charts load nothing."));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

  function fitted(source, width) {
    const layout = source.spec.usermeta;
    const config = structuredClone(source.themes[theme()] ?? source.themes.light);
    const columns = Math.max(1, Math.floor(width / layout.entry));
    Object.assign(config.legend, { columns, labelLimit: Math.floor((width - 40) / columns) - 30 });
    config.axisY.labelLimit = Math.round(width * 0.4);
    config.background = "transparent";
    config.font = getComputedStyle(document.body).fontFamily;
    config.aria = false; // the picture has one name; its numbers are in the table below
    const height = layout.height + Math.ceil(layout.entries / columns) * ENTRY_HEIGHT;
    return { ...source.spec, width, height, config };
  }

  // A pointer shows the words of the point below it, as text.
  function hint(box) {
    return (_, event, item, value) => {
      if (value === null || value === undefined || value === "") {
        box.hidden = true;
        return;
      }
      const lines = typeof value === "object" ? Object.entries(value).map(([name, words]) => `${name}: ${words}`) : [String(value)];
      box.textContent = lines.join("\n");
      box.hidden = false;
      const left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8);
      const below = event.clientY + 14;
      const top = below + box.offsetHeight > innerHeight ? event.clientY - box.offsetHeight - 8 : below;
      box.style.left = `${Math.max(4, left)}px`;
      box.style.top = `${Math.max(4, top)}px`;
    };
  }

  async function draw(script) {
    const known = drawn.get(script);
    const width = Math.max(known.source.spec.usermeta.least, NARROWEST, Math.floor(known.picture.clientWidth));
    const key = `${width} ${theme()}`;
    if (known.key === key || known.picture.clientWidth === 0) return;
    known.key = key;
    known.view?.finalize();
    const runtime = vega.parse(vegaLite.compile(fitted(known.source, width)).spec, null, { ast: true });
    known.view = new vega.View(runtime, {
      expr: vegaInterpreter.expressionInterpreter,
      renderer: "svg",
      container: known.inner,
      hover: false,
      loader,
    });
    known.view.tooltip(hint(known.hint));
    await known.view.runAsync();
    if (known.numbers && !known.isDrawn) known.numbers.tagName === "DETAILS" ? (known.numbers.open = false) : (known.numbers.hidden = true);
    known.isDrawn = true;
  }

  function tryToDraw(script) {
    draw(script).catch((error) => {
      console.error(error); // the table stays
      drawn.get(script).picture.hidden = true;
    });
  }

  const widths = new ResizeObserver((entries) => {
    for (const entry of entries) requestAnimationFrame(() => drawn.has(entry.target.chart) && tryToDraw(entry.target.chart));
  });

  function found(script) {
    const figure = script.closest("figure");
    const picture = figure.querySelector("[data-chart-picture]");
    const [inner, box] = [document.createElement("div"), document.createElement("div")];
    inner.ariaHidden = "true"; // what the picture is called stands around it
    box.className = "chart-hint";
    box.hidden = true;
    picture.replaceChildren(inner, box);
    picture.addEventListener("pointerleave", () => (box.hidden = true));
    picture.chart = script;
    drawn.set(script, {
      source: JSON.parse(script.textContent),
      numbers: figure.querySelector("[data-chart-numbers]"),
      picture,
      inner,
      hint: box,
    });
    widths.observe(picture);
    tryToDraw(script);
  }

  function look() {
    for (const [script, one] of drawn) {
      if (script.isConnected) continue;
      widths.unobserve(one.picture);
      one.view?.finalize();
      drawn.delete(script);
    }
    for (const script of document.querySelectorAll("script[data-chart]")) if (!drawn.has(script)) found(script);
  }

  const again = () => [...drawn.keys()].forEach(tryToDraw);
  darkness.addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();
