"""A module as source code: a class for its rows, or a table."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.schema._kinds import Kind, kind_of

__all__ = ["SourceForm", "write_source"]

SourceForm: TypeAlias = Literal["typeddict", "attrs", "dataclass", "sql"]

#: The type of a field, and whether it is never empty, by the field's API name.
_Kinds: TypeAlias = Mapping[str, tuple[Kind, bool]]

#: What an annotation or a method of a written class needs, which no attribute may hide.
_NEEDED: Final = frozenset(
    {"str", "int", "float", "bool", "list", "dict", "classmethod", "self"}
    | {"Any", "ClassVar", "Mapping", "Reference", "Self"}
    | {"API_NAMES", "from_row", "to_row"}
)
#: What a written file needs besides, so no class is called so.
_IMPORTED: Final = _NEEDED | {"TypedDict", "dataclass", "define", "fields", *dir(builtins)}

_MAPPING: Final = "from collections.abc import Mapping"
_TYPING: Final = "from typing import Any, ClassVar, Self"
_REFERENCE: Final = "from aiozcrm.resources.schema import Reference"

_METHODS: Final = '''
    API_NAMES: ClassVar[Mapping[str, str]] = {renamed}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Return the fields of a row; those that it lacks are None."""
        names = {{each.name: cls.API_NAMES.get(each.name, each.name) for each in fields(cls)}}
        return cls(**{{name: row.get(api_name) for name, api_name in names.items()}})

    def to_row(self) -> dict[str, Any]:
        """Return a row of all fields that are not None."""
        values = {{each.name: getattr(self, each.name) for each in fields(type(self))}}
        return {{
            self.API_NAMES.get(name, name): value
            for name, value in values.items()
            if value is not None
        }}
'''


def write_source(
    form: str, *, module: str, name: str, fields: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return a module as source code.

    Args:
        form: ``typeddict``, ``attrs``, ``dataclass`` or ``sql``.
        module: The API name of the module.
        name: What a class is to be called, if that can be.
        fields: The fields by their API names.

    Raises:
        aiozcrm.errors.InvalidInputError: If there is no such form.
    """
    write = _WRITERS.get(form)
    if write is None:
        raise InvalidInputError(
            f"{form!r} is no form of source.", hint=f"Use one of: {', '.join(_WRITERS)}."
        )
    kinds = {
        api_name: (kind_of(field), field.get("system_mandatory") is True)
        for api_name, field in fields.items()
        if api_name != "id"
    }
    return write(module, name, {"id": (Kind(python="str"), True), **kinds})


def _write_typed_dict(module: str, name: str, kinds: _Kinds) -> str:
    name, about = _class_name(name, module), f"A record of {_said(module)}."
    types = {
        api_name: kind.python if is_set else f"{kind.python} | None"
        for api_name, (kind, is_set) in kinds.items()
    }
    if all(map(_is_plain, types)):
        fields = [f"    {api_name}: {annotation}" for api_name, annotation in types.items()]
        lines = [f"class {name}(TypedDict, total=False):", f'    """{about}"""', "", *fields]
    else:
        # A name that cannot be an attribute can be a key all the same.
        fields = [f"        {api_name!a}: {annotation}," for api_name, annotation in types.items()]
        head = [f"# {about}", f"{name} = TypedDict(", f'    "{name}",', "    {"]
        lines = [*head, *fields, "    },", "    total=False,", ")"]
    names = ["Any", "TypedDict"] if any("Any" in each for each in types.values()) else ["TypedDict"]
    imports = [f"from typing import {', '.join(names)}"]
    return _file(module, imports, types.values(), lines)


def _write_class(module: str, name: str, kinds: _Kinds, imports: list[str], decorator: str) -> str:
    taken = set[str]()
    # Those that can be an attribute come first, and stay what they are.
    order = sorted(kinds, key=_is_plain, reverse=True)
    names = {each: _untaken(each if _is_plain(each) else _plain(each), taken) for each in order}
    types = {names[api_name]: f"{kind.python} | None" for api_name, (kind, _) in kinds.items()}
    renamed = [f"{names[each]!a}: {each!a}" for each in kinds if names[each] != each]
    lines = [
        f"{decorator}(kw_only=True)",
        f"class {_class_name(name, module)}:",
        f'    """A record of {_said(module)}."""',
        "",
        *(f"    {own}: {annotation} = None" for own, annotation in types.items()),
        *_METHODS.format(renamed=f"{{{', '.join(renamed)}}}").rstrip("\n").split("\n"),
    ]
    return _file(module, imports, types.values(), lines)


def _write_sql(module: str, name: str, kinds: _Kinds) -> str:
    del name
    columns, taken = [], set[str]()
    for api_name, (kind, _) in kinds.items():
        # SQL does not tell capitals.
        column = _untaken(api_name.replace("\0", ""), taken, key=str.casefold)
        primary = " PRIMARY KEY NOT NULL" if api_name == "id" else ""
        columns.append(f"  {_quoted(column)} {kind.sql}{primary}")
    return f"CREATE TABLE {_quoted(module)} (\n" + ",\n".join(columns) + "\n);\n"


_WRITERS: Final[Mapping[str, Callable[[str, str, _Kinds], str]]] = {
    "typeddict": _write_typed_dict,
    "attrs": partial(
        _write_class,
        imports=[_MAPPING, _TYPING, "", "from attrs import define, fields"],
        decorator="@define",
    ),
    "dataclass": partial(
        _write_class,
        imports=[_MAPPING, "from dataclasses import dataclass, fields", _TYPING],
        decorator="@dataclass",
    ),
    "sql": _write_sql,
}


def _file(module: str, imports: list[str], types: Iterable[str], lines: list[str]) -> str:
    ours = [_REFERENCE] if any("Reference" in annotation for annotation in types) else []
    third = [""] if ours and "" not in imports else []
    head = [f'"""The records of {_said(module)}, as Zoho CRM describes them."""', ""]
    return "\n".join([*head, *imports, *third, *ours, "", "", *lines, ""])


def _said(text: str) -> str:
    """Return a text as it can stand in a comment."""
    return " ".join(re.findall(r"\w+", text))


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace("\0", "").replace('"', '""'))


def _is_plain(name: str) -> bool:
    """Return whether a name can be an attribute, and stays what it is."""
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and name not in _NEEDED
        and unicodedata.normalize("NFKC", name) == name
    )


def _plain(name: str) -> str:
    """Return the name that is nearest to one that can be no attribute."""
    near = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name)).strip("_")
    return next(filter(_is_plain, (near, f"{near}_", f"field_{near}", "field_")))


def _untaken(name: str, taken: set[str], key: Callable[[str], str] = str) -> str:
    """Return a name, with a number if there is one like it, and take it."""
    own, number = name, 2
    while key(own) in taken:
        own, number = f"{name}_{number}", number + 1
    taken.add(key(own))
    return own


def _class_name(name: str, module: str) -> str:
    for each in (name, module):
        near = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", each)).strip("_")
        if _is_plain(near) and near not in _IMPORTED:
            return near
    return "Record"
