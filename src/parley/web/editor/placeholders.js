// Placeholders of quick actions that nobody has filled in, such as {{person.name}}, are marked in the editor. Their form is
// that of `inbox/composer/placeholders.py`.
import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

const PLACEHOLDER = /\{\{[ \t]{0,9}[A-Za-z_][A-Za-z0-9_.]{0,99}[ \t]{0,9}\}\}/g;
const key = new PluginKey("placeholdersLeft");

function marked(doc) {
  const found = [];
  doc.descendants((node, at) => {
    if (!node.isText) return;
    for (const { index, 0: words } of node.text.matchAll(PLACEHOLDER)) {
      found.push(Decoration.inline(at + index, at + index + words.length, { class: "placeholder-left" }));
    }
  });
  return DecorationSet.create(doc, found);
}

export const PlaceholdersLeft = Extension.create({
  name: "placeholdersLeft",
  addProseMirrorPlugins: () => [
    new Plugin({
      key,
      state: {
        init: (_, { doc }) => marked(doc),
        apply: (step, before) => (step.docChanged ? marked(step.doc) : before),
      },
      props: { decorations: (state) => key.getState(state) },
    }),
  ],
});
