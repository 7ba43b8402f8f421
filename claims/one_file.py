"""The program that checks quotations without this site: written in parts (docs/verify/), given out as the one
file that a stranger reads and runs."""

from __future__ import annotations

import ast
from pathlib import Path

# In the order in which each needs only those before it.
PARTS = ("terms", "warc", "editions", "quotations", "claim", "__main__")
# Those that begin a section of the file, which is called as they are.
SECTIONS = {"warc", "editions", "quotations", "claim"}


def one_file(folder: Path) -> str:
    """Return the source of the program in `folder`: what its main part says of it, what its parts import of
    the standard library (by `import …`; by `from … import …` they name each other), and their bodies."""
    imports: set[str] = set()
    about, bodies = "", []
    for name in PARTS:
        source = (folder / f"{name}.py").read_text("utf-8")
        lines = source.splitlines()
        first, *rest = ast.parse(source).body
        head = first.end_lineno or 0
        for node in rest:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                break
            head = node.end_lineno or head
            if isinstance(node, ast.Import):
                imports.add(lines[head - 1])
        body = "\n".join(lines[head:]).strip("\n")
        told = "\n".join(lines[: first.end_lineno])
        if name in SECTIONS:
            body = f"# --- {ast.literal_eval(told)} ---\n\n\n{body}"
        bodies.append(body)
        about = told  # of the last, which is the main part
    return "\n\n".join([about, "\n".join(sorted(imports))]) + "\n\n" + "\n\n\n".join(bodies) + "\n"
