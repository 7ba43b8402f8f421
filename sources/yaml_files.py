"""YAML in which a mistake can be pointed at: every mapping knows its line, and no key stands twice."""

from __future__ import annotations

import re
from typing import Any

import yaml

# No database column holds these: NUL, and halves of a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class YamlError(ValueError):
    """A mistake in a YAML file; its message begins with file and line."""

    def __init__(self, filename: str, line: int, message: str) -> None:
        super().__init__(f"{filename}:{line}: {message}")


class Mapping(dict[str, Any]):
    """A mapping read from a file: `line` is where it begins, `lines` where each of its keys stands."""

    line: int
    lines: dict[str, int]


class _Loader(yaml.SafeLoader):
    """SafeLoader that keeps line numbers, and refuses a key given twice and a key that is no text."""

    filename: str

    def read_text(self, node: yaml.ScalarNode) -> str:
        text = str(self.construct_scalar(node))
        if found := UNSTORABLE.search(text):
            line = node.start_mark.line + 1
            code = f"U+{ord(found.group()):04X}"
            raise YamlError(self.filename, line, f"{code} is no character that text can hold.")
        return text

    def read_mapping(self, node: yaml.MappingNode) -> Mapping:
        mapping = Mapping()
        mapping.line = node.start_mark.line + 1
        mapping.lines = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise YamlError(self.filename, line, f"the key {key!r} is not text: quote it.")
            if key in mapping:
                raise YamlError(self.filename, line, f"{key}: given twice.")
            try:
                mapping[key] = self.construct_object(value_node, deep=True)
            except YamlError:
                raise
            except ValueError as error:  # 2022-13-45, which YAML takes for a date
                raise YamlError(self.filename, line, f"{key}: {error}.") from error
            mapping.lines[key] = line
        return mapping


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _Loader.read_mapping)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG, _Loader.read_text)


def read_yaml(text: str, filename: str) -> Any:
    """Return what the YAML `text` of the file called `filename` holds, mappings as `Mapping`.

    Raises YamlError, with file and line, for what is no YAML, holds more than one document, gives a
    key twice, or has text that no database can hold. Only plain data is built (PyYAML's safe loader).
    """
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:  # a character that no YAML may have, such as NUL
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(filename, line, f"not valid YAML: {error.reason}.") from error
    loader.filename = filename
    try:
        return loader.get_single_data()
    except RecursionError as error:
        line = loader.line + 1
        raise YamlError(filename, line, "not valid YAML: nested too deeply.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise YamlError(filename, line, f"not valid YAML: {error.problem}.") from error
    except YamlError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(filename, 1, f"not valid YAML: {error}") from error
