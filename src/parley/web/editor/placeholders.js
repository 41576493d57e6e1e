// Placeholders of quick actions that nobody has filled in, such as {{person.name}}, are marked in the editor, and a click
// selects the whole of one. Whatever stands in double braces is one, as in `conversations/quick_actions/placeholders.py`.
import { Extension } from "@tiptap/core";
import { Plugin, PluginKey, TextSelection } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

const IN_BRACES = /\{\{[ \t]{0,9}[^{}\s][^{}\n]{0,100}\}\}/g;
const key = new PluginKey("placeholdersLeft");

function marked(doc) {
  const found = [];
  doc.descendants((node, at) => {
    if (!node.isTextblock) return;
    // One letter for each place, also for what is no text: formatting inside a placeholder makes several nodes of it.
    const words = node.textBetween(0, node.content.size, undefined, "\n");
    for (const { index, 0: one } of words.matchAll(IN_BRACES)) {
      found.push(Decoration.inline(at + 1 + index, at + 1 + index + one.length, { class: "placeholder-left" }));
    }
  });
  return DecorationSet.create(doc, found);
}

// Typing takes the place of what is selected.
function selectWhole(view, place) {
  const one = key.getState(view.state).find(place, place)[0];
  if (!one || place <= one.from || place >= one.to) return false;
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, one.from, one.to)));
  return true;
}

export function selectFirst({ state, dispatch }) {
  const one = key.getState(state).find().sort((a, b) => a.from - b.from)[0];
  if (one) dispatch(state.tr.setSelection(TextSelection.create(state.doc, one.from, one.to)).scrollIntoView());
  return one !== undefined;
}

export const hasPlaceholders = (state) => key.getState(state).find().length > 0;

export const PlaceholdersLeft = Extension.create({
  name: "placeholdersLeft",
  addProseMirrorPlugins: () => [
    new Plugin({
      key,
      state: {
        init: (_, { doc }) => marked(doc),
        apply: (step, before) => (step.docChanged ? marked(step.doc) : before),
      },
      props: {
        decorations: (state) => key.getState(state),
        handleClick: (view, place) => selectWhole(view, place),
        handleDoubleClick: (view, place) => selectWhole(view, place),
      },
    }),
  ],
});
