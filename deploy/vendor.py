"""Where do the pages' script, style and icons come from? From npm packages, as files, by `python -m deploy.vendor`.

Nothing is built and nothing is fetched when the product runs: this takes what the pages use out of the packages named
here, puts it under chassis/static/vendor and writes down which package, version and hash each file came from.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "chassis" / "static" / "vendor"
HTMX, TABLER, ICONS = "htmx.org@4.0.1", "@tabler/core@1.6.1", "@tabler/icons@3.51.0"
PURGER = "purgecss@8.0.0"

# Tabler is used for what is tedious to get right everywhere: the reset, buttons and form controls.
ELEMENTS = (
    "html body h1 h2 h3 p a b strong small dl dt dd ul ol li pre code kbd hr img svg table caption thead tbody tr th "
    "td label button input select option optgroup textarea fieldset legend output summary details"
)
CLASSES = (
    "btn btn-primary btn-danger form-control form-select form-check form-check-input form-check-label form-label "
    "form-hint visually-hidden disabled"
)
INPUTS = '<input type="checkbox"><input type="radio"><input type="date"><input type="search">'

ICON_NAMES = (
    "alarm alert-circle alert-triangle arrow-left arrow-narrow-right ban building-factory-2 calendar-off check "
    "checklist chevron-down chevron-right circle-check circle-x clock external-link file-spreadsheet file-text filter "
    "history hourglass inbox info-circle keyboard language lock logout menu-2 plus search trash user users "
    "writing-sign x"
)


def main() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="handover-vendor-") as folder:
        htmx, tabler, icons = (unpack(package, Path(folder)) for package in (HTMX, TABLER, ICONS))
        write("htmx.js", (htmx / "dist" / "htmx.min.js").read_text())
        write("htmx-sse.js", (htmx / "dist" / "ext" / "hx-sse.min.js").read_text())
        write("tabler.css", purged(tabler / "dist" / "css" / "tabler.css", Path(folder)))
        write("icons.svg", sprite(icons / "icons" / "outline"))
        record({"htmx.js": htmx, "htmx-sse.js": htmx, "tabler.css": tabler, "icons.svg": icons})
        write("LICENCES.txt", licences(htmx, tabler, icons))


def unpack(package: str, folder: Path) -> Path:
    """Take a package from the registry that npm is set up for, and unpack it."""
    target = folder / re.sub(r"\W", "-", package)
    target.mkdir()
    packed = run("npm", "pack", package, "--json", "--pack-destination", str(target))
    with tarfile.open(target / json.loads(packed)[0]["filename"]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def purged(css: Path, folder: Path) -> str:
    """Only the rules and variables that ELEMENTS and CLASSES need, under the licence's own heading."""
    used = folder / "used.html"
    used.write_text("".join(f"<{name}>" for name in ELEMENTS.split()) + f'{INPUTS}<i class="{CLASSES}"></i>')
    result = folder / "purged.css"
    run("npx", "--yes", PURGER, "--css", str(css), "--content", str(used), "--output", str(result), "--variables")
    text = re.sub(r"/\*(?!!).*?\*/\s*", "", result.read_text(), flags=re.DOTALL)
    return re.sub(r"^@charset[^;]*;\s*", "", text).strip() + "\n"


def sprite(folder: Path) -> str:
    """One file with a symbol for each icon; the style sheet gives them their stroke."""
    symbols = []
    for name in ICON_NAMES.split():
        drawing = (folder / f"{name}.svg").read_text()
        paths = re.findall(r'<path d="[^"]+" />', drawing)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(paths)}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licences(*packages: Path) -> str:
    """The licences' own texts; a package without a file of it says it in its style sheet's heading."""
    parts = []
    for package in packages:
        file = package / "LICENSE"
        about = json.loads((package / "package.json").read_text())
        text = file.read_text().strip() if file.is_file() else f"{about['license']}, as the heading of its file says."
        parts.append(f"{about['name']} {about['version']}\n\n{text}\n")
    return f"\n{'-' * 80}\n\n".join(parts)


def write(name: str, text: str) -> None:
    (VENDOR / name).write_text(text, encoding="utf-8")


def record(sources: dict[str, Path]) -> None:
    """vendored.json: which file came from which version of which package, under which licence, and its hash."""
    rows = {}
    for name, package in sources.items():
        about = json.loads((package / "package.json").read_text())
        rows[name] = {
            "package": about["name"],
            "version": about["version"],
            "licence": about["license"],
            "sha256": hashlib.sha256((VENDOR / name).read_bytes()).hexdigest(),
        }
    write("vendored.json", json.dumps(rows, indent=2) + "\n")
    for name, row in rows.items():
        sys.stdout.write(f"{name}: {row['package']} {row['version']}\n")


if __name__ == "__main__":
    main()
