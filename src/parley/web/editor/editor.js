// The editor of the form to write in: Tiptap with the nodes and marks that the server and the widget know. The build
// makes one module of this and of what it imports; pages load it when somebody touches the form.
import { Editor, Extension } from "@tiptap/core";
import { Mention } from "@tiptap/extension-mention";
import { Placeholder } from "@tiptap/extensions";
import { closeHistory } from "@tiptap/pm/history";
import { StarterKit } from "@tiptap/starter-kit";
import { pickerOfMembers } from "./members.js";
import { hasPlaceholders, PlaceholdersLeft, selectFirst } from "./placeholders.js";

const isWebAddress = (address) => /^https?:\/\/[^\s/]/i.test(address);

const link = {
  openOnClick: false,
  defaultProtocol: "https",
  isAllowedUri: (address) => isWebAddress(address),
  shouldAutoLink: isWebAddress,
};

function keysOf({ submit, place }) {
  return Extension.create({
    name: "keysOfComposer",
    priority: 1000, // before the line break that Ctrl and Enter make otherwise
    addKeyboardShortcuts: () => ({
      "Mod-Enter": () => submit() || true,
      // Keys are the page's again, which ProseMirror would keep from it. An open list of colleagues is closed first.
      Escape: ({ editor }) => !place.querySelector("#members") && (editor.view.dom.blur(), true),
    }),
  });
}

// Words as they were typed without an editor: an empty line ends a paragraph.
function documentOf(text) {
  const paragraphs = text.replaceAll("\r\n", "\n").split("\n\n").map((lines) => ({
    type: "paragraph",
    content: lines
      .split("\n")
      .flatMap((line, at) => [...(at ? [{ type: "hardBreak" }] : []), ...(line ? [{ type: "text", text: line }] : [])]),
  }));
  return { type: "doc", content: paragraphs };
}

// `place` is where the editor goes, `label` its name, `placeholder()` what it says while it is empty, `mayMention()`
// whether @ offers colleagues, `members` where they are asked for; `changed` and `submit` are called back.
export function open({ place, label, placeholder, text, rich, mayMention, members, changed, submit }) {
  const editor = new Editor({
    element: place,
    injectCSS: false, // it is in the style sheet: the page allows no other style
    content: rich ?? documentOf(text),
    extensions: [
      StarterKit.configure({ heading: false, horizontalRule: false, trailingNode: false, link }),
      Placeholder.configure({ placeholder, showOnlyWhenEditable: false }),
      Mention.configure({
        HTMLAttributes: { class: "mention" },
        suggestion: pickerOfMembers({ members, mayMention, place }),
      }),
      PlaceholdersLeft,
      keysOf({ submit, place }),
    ],
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label, class: "composer-text rich-text" },
      // Files are not the editor's: the page takes them.
      handlePaste: (_, event) => event.clipboardData.files.length > 0,
      handleDrop: (_, event) => event.dataTransfer.files.length > 0,
    },
    onUpdate: () => changed(),
    onSelectionUpdate: () => changed(),
  });
  return {
    editor,
    text: () => editor.getText({ blockSeparator: "\n\n" }),
    rich: () => editor.getJSON(),
    hasPlaceholders: () => hasPlaceholders(editor.state),
    write: (words, document) => editor.commands.setContent(document ?? documentOf(words)),
    // Tiptap's own command waits for the next frame: keys in between would be shortcuts of the page.
    focusEnd: () => {
      editor.commands.setTextSelection(editor.state.doc.content.size);
      editor.view.focus();
    },
    // What is typed next fills in the first placeholder that is left, or goes on at the end.
    focusPlaceholder: () => {
      if (!selectFirst({ state: editor.state, dispatch: editor.view.dispatch.bind(editor.view) })) editor.commands.setTextSelection(editor.state.doc.content.size);
      editor.view.focus();
    },
    focus: () => editor.view.focus(),
    isOnEmptyLine: () => {
      const { empty, $from } = editor.state.selection;
      return empty && $from.parent.type.name === "paragraph" && $from.parent.content.size === 0;
    },
    // One paragraph goes into the line of the cursor; several become lines of their own. What was typed just before stays
    // when it is undone.
    insert: (words, document) => {
      editor.view.dispatch(closeHistory(editor.state.tr));
      const { content } = document ?? documentOf(words);
      const isLine = content.length === 1 && content[0].type === "paragraph";
      editor.commands.insertContent(isLine ? (content[0].content ?? []) : content);
      editor.view.focus();
    },
    redraw: () => editor.view.dispatch(editor.state.tr),
  };
}
