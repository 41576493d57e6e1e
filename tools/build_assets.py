"""Builds the files that browsers load: style sheet, typeface, HTMX, editor, replayer, and PostHog's own widget scripts.

Each step keeps a digest of what it was made from in `build/assets/` and does nothing while that
digest and its results are there, so calling this on every `make` costs a fraction of a second.
"""

import base64
import gzip
import hashlib
import json
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.emoji import emoji_list  # noqa: E402
from tools.node import Node, NodeMissing, find_node  # noqa: E402
from tools.typeface import LATIN_FONT, Typeface  # noqa: E402

STAMPS = ROOT / "build" / "assets"
SOURCE = ROOT / "src" / "parley"
STYLE_SOURCE = SOURCE / "web" / "assets" / "app.css"
WEB = SOURCE / "web" / "static"
WIDGET = SOURCE / "conversations" / "widget" / "static"
PACKAGES = ROOT / "node_modules"
MANIFEST = ROOT / "package.json"
LOCK = ROOT / "package-lock.json"

PAGE_SCRIPTS = {
    "htmx.min.js": PACKAGES / "htmx.org" / "dist" / "htmx.min.js",
    "htmx-ext-sse.min.js": PACKAGES / "htmx-ext-sse" / "dist" / "sse.min.js",
}
CHART_BUNDLE = "vega-bundle.min.js"
CHART_PACKAGES = {  # in the order in which they need each other
    "vega": PACKAGES / "vega" / "build" / "vega.min.js",
    "vega-lite": PACKAGES / "vega-lite" / "build" / "vega-lite.min.js",
    "vega-interpreter": PACKAGES / "vega-interpreter" / "build" / "vega-interpreter.js",
}
EMOJI = "emoji.json"
EMOJI_PACKAGE = PACKAGES / "emojibase-data"
TYPEFACE = Typeface(PACKAGES / "@fontsource-variable" / "inter")
REPLAYER = "rrweb-player.min.js"
EDITOR = "editor.min.js"
EDITOR_SOURCE = SOURCE / "web" / "editor"
# Browsers load the scripts below from /static/; these forms are for bundlers and are left out.
BUNDLER_FORMS = ("main.js", "module.")


class Step:
    """One thing to build, skipped while its inputs and its result are unchanged."""

    def __init__(self, name: str, inputs: Iterable[Path], result: Path) -> None:
        self.stamp = STAMPS / name
        self.result = result
        self.digest = digest_of([Path(__file__), *inputs])

    def is_fresh(self) -> bool:
        """Say whether the result is there and made from these very inputs."""
        return self.result.exists() and self.stamp.exists() and self.stamp.read_text() == self.digest

    def finish(self) -> None:
        """Remember what the result was made from."""
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.digest)


def digest_of(paths: Iterable[Path]) -> str:
    """Return a digest of the names and contents of these files, in the order given."""
    found = hashlib.sha256()
    for path in paths:
        found.update(f"{path.relative_to(ROOT)}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def style_inputs() -> list[Path]:
    """Return every file that can name a style class: the same patterns as at the top of app.css."""
    patterns = ("**/templates/**/*.html", "**/pages.py", "**/pages/*.py", "web/*.py")
    pages = {page for pattern in patterns for page in SOURCE.glob(pattern)}
    return [MANIFEST, LOCK, STYLE_SOURCE, TYPEFACE.source, *sorted(pages)]


def build_all(*, with_tests: bool = False) -> None:
    """Bring every asset up to date; `with_tests` also fetches the npm packages that only tests need."""
    packages = Step("packages", [MANIFEST, LOCK], PACKAGES / "htmx.org")
    test_packages = Step("test-packages", [MANIFEST, LOCK], PACKAGES / "oidc-provider")
    needs_tests = with_tests and not test_packages.is_fresh()
    styles = Step("styles", style_inputs(), WEB / "app.css")
    typeface = Step("typeface", [MANIFEST, LOCK, TYPEFACE.source], WEB / LATIN_FONT)
    scripts = Step("scripts", [MANIFEST, LOCK, ROOT / "tools" / "emoji.py"], WEB / EMOJI)
    editor = Step("editor", [MANIFEST, LOCK, *sorted(EDITOR_SOURCE.glob("*.js"))], WEB / EDITOR)
    replayer = Step("replayer", [MANIFEST], WEB / REPLAYER)
    widget = Step("widget", [MANIFEST], WIDGET / "version.txt")
    of_packages = (typeface, styles, scripts, editor)
    if not needs_tests and all(step.is_fresh() for step in (*of_packages, replayer, widget)):
        return
    node = find_node()
    is_needed = not packages.is_fresh() and not all(step.is_fresh() for step in of_packages)
    if needs_tests or is_needed:
        install_packages(node, with_tests=with_tests)
        packages.finish()
        if with_tests:
            test_packages.finish()
    if not typeface.is_fresh():
        for name, content in TYPEFACE.files().items():
            put(WEB / ("inter-licence.txt" if name == "LICENSE" else name), content)
        typeface.finish()
    if not styles.is_fresh():
        compile_styles(node)
        styles.finish()
    if not scripts.is_fresh():
        put_page_scripts()
        scripts.finish()
    if not editor.is_fresh():
        bundle_editor(node)
        editor.finish()
    if not replayer.is_fresh():
        fetch_replayer(node)
        replayer.finish()
    if not widget.is_fresh():
        fetch_widget(node)
        widget.finish()


def assets_are_built() -> bool:
    """Say whether a style sheet and the widget are there, whatever they were made from."""
    results = (
        WEB / "app.css",
        WEB / LATIN_FONT,
        WEB / "htmx.min.js",
        WEB / CHART_BUNDLE,
        WEB / EDITOR,
        WEB / EMOJI,
        WEB / REPLAYER,
        WIDGET / "version.txt",
    )
    return all(path.exists() for path in results)


def install_packages(node: Node, *, with_tests: bool) -> None:
    """Install the npm packages of the lock file, running none of their scripts; others that are there are removed."""
    say("Fetching the npm packages of package-lock.json")
    omitted = () if with_tests else ("--omit=dev",)
    node.run_npm("ci", "--ignore-scripts", *omitted, cwd=ROOT)


def compile_styles(node: Node) -> None:
    """Compile the style sheet of the pages."""
    say("Compiling the style sheet")
    command = PACKAGES / "@tailwindcss" / "cli" / "dist" / "index.mjs"
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "app.css"
        node.run(str(command), "-i", str(STYLE_SOURCE), "-o", str(result), "--minify", cwd=ROOT)
        put(WEB / "app.css", TYPEFACE.rules().encode() + without_theme_switch(result.read_bytes()))


def without_theme_switch(styles: bytes) -> bytes:
    """Take out what looks for daisyUI's switch of themes, which no page has.

    It looks for it in the whole page, from its root, so that browsers went through all of it for each letter typed.
    """
    return re.sub(rb":root:has\(input\.theme-controller\[value=\w+\]:checked\),", b"", styles)


def put_page_scripts() -> None:
    """Put HTMX, its server-sent events extension, what draws charts and the emoji beside the style sheet."""
    for name, source in PAGE_SCRIPTS.items():
        put(WEB / name, source.read_bytes())
    put(WEB / CHART_BUNDLE, chart_bundle().encode())
    put(WEB / EMOJI, emoji_list(EMOJI_PACKAGE))


def chart_bundle() -> str:
    """Return what draws charts as one script, with its licences. Browsers know it as three global names."""
    parts = []
    for name, source in CHART_PACKAGES.items():
        licence = (PACKAGES / name / "LICENSE").read_text().replace("*/", "* /")
        script = re.sub(r"^//# sourceMappingURL=.*$", "", source.read_text(), flags=re.MULTILINE).strip()
        if name == "vega-interpreter":
            script = as_plain_script(script)
        parts.append(f"/*! {name}\n{licence}*/\n{script}\n")
    return "".join(parts)


def as_plain_script(module: str) -> str:
    """Return the module of the interpreter as a script: its one import is `vega`, its one export a global name."""
    script, imports = re.subn(
        r"^import \{([^}]*)\} from 'vega-util';", r"const {\1} = vega;", module, flags=re.MULTILINE
    )
    export = r"^export \{ (\w+) as expressionInterpreter \};"
    script, exports = re.subn(
        export, r"window.vegaInterpreter = { expressionInterpreter: \1 };", script, flags=re.MULTILINE
    )
    if (imports, exports) != (1, 1) or re.search(r"^(import|export)\b", script, flags=re.MULTILINE):
        raise RuntimeError("vega-interpreter has other imports or exports than build_assets.py knows.")
    return f'(() => {{\n"use strict";\n{script}\n}})();'


def bundle_editor(node: Node) -> None:
    """Make one module of the editor of the inbox and the packages that it imports, with their licences."""
    say("Bundling the editor")
    options = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=inline")
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / EDITOR
        command = [str(PACKAGES / "esbuild" / "bin" / "esbuild"), str(EDITOR_SOURCE / "editor.js"), *options]
        node.run(*command, "--log-level=warning", f"--outfile={result}", cwd=ROOT)
        put(WEB / EDITOR, result.read_bytes())


def fetch_replayer(node: Node) -> None:
    """Fetch the pinned rrweb-player and keep its one script, in which its dependencies are."""
    with tempfile.TemporaryDirectory() as folder:
        archive, _ = fetch_pinned(node, "player", Path(folder))
        with tarfile.open(archive) as package:
            script = package.extractfile(f"package/umd/{REPLAYER}")
            if script is None:
                raise RuntimeError(f"{archive.name} has no {REPLAYER}.")
            put(WEB / REPLAYER, script.read())


def fetch_widget(node: Node) -> None:
    """Fetch the pinned posthog-js and keep the scripts browsers load."""
    with tempfile.TemporaryDirectory() as folder:
        archive, version = fetch_pinned(node, "widget", Path(folder))
        shutil.rmtree(WIDGET, ignore_errors=True)
        unpack_widget(archive)
    put(WIDGET / "version.txt", f"{version}\n".encode())


def fetch_pinned(node: Node, pin_name: str, folder: Path) -> tuple[Path, str]:
    """Fetch a package that package.json pins below `parley`, check it against its digest; return archive and version.

    Such packages are self-contained, so their dependencies are never installed.
    """
    pin = json.loads(MANIFEST.read_text())["parley"][pin_name]
    name = f"{pin['package']}@{pin['version']}"
    say(f"Fetching {name}")
    node.run_npm("pack", name, "--pack-destination", str(folder), cwd=ROOT)
    archive = next(folder.glob("*.tgz"))
    check_integrity(archive, pin["integrity"])
    return archive, pin["version"]


def check_integrity(archive: Path, wanted: str) -> None:
    """Stop with a sentence unless the archive has the digest that package.json names."""
    kind, _, expected = wanted.partition("-")
    actual = base64.b64encode(hashlib.new(kind, archive.read_bytes()).digest()).decode()
    if actual != expected:
        raise RuntimeError(f"{archive.name} is not the file that package.json names: its digest differs.")


def unpack_widget(archive: Path) -> None:
    """Put the licence and each script of the package that a browser may load into the widget's folder."""
    with tarfile.open(archive) as package:
        for member in package.getmembers():
            folder, _, name = member.name.removeprefix("package/").rpartition("/")
            is_script = folder == "dist" and name.endswith(".js") and not name.startswith(BUNDLER_FORMS)
            content = package.extractfile(member) if is_script or member.name == "package/LICENSE" else None
            if content is not None:
                put(WIDGET / name, content.read())


def put(path: Path, content: bytes) -> None:
    """Write a file in one piece, and a gzip form beside it where that saves a server work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    forms = {path: content}
    if path.suffix in {".js", ".css", ".json"} and len(content) > 1024:
        forms[path.with_name(path.name + ".gz")] = gzip.compress(content, 9, mtime=0)
    for target, form in forms.items():
        draft = target.with_name(target.name + ".new")
        draft.write_bytes(form)
        draft.replace(target)


def say(what: str) -> None:
    """Tell the person who waits what is being done."""
    print(f"{what} ...", flush=True)


def main() -> int:
    """Build what is out of date; on failure print one plain explanation and return 1."""
    try:
        build_all(with_tests="--with-tests" in sys.argv[1:])
    except (NodeMissing, RuntimeError, OSError) as error:
        print(f"The web assets could not be built. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
