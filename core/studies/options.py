"""What is asked of a study: from a form's values or `--set NAME=VALUE` to its record of options."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from core.domain.message import msg
from core.errors import UserError
from core.studies.protocol import Study


def options_of(study: Study, values: Mapping[str, Any]) -> Any:
    """The study's options with `values` in place of the defaults. Strings become what the default is; a list of names
    is written with commas.

    Raises:
        UserError: a name is unknown or a value has the wrong type.
    """
    usual = study.options()
    known = [f.name for f in dataclasses.fields(usual)]
    changed = {}
    for name, value in values.items():
        if name not in known:
            raise UserError(
                msg("The study “{study}” has no option “{name}”.", study=study.name, name=name),
                hint=msg("Known options: {known}.", known=", ".join(known) or "-"),
            )
        default = getattr(usual, name)
        try:
            changed[name] = value if not isinstance(value, str) else _converted(value, default)
        except ValueError:
            raise UserError(
                msg("{name} = {value} is not a valid value.", name=name, value=str(value)),
                hint=msg("Expected a value like {example}.", example=str(default)),
            ) from None
    return dataclasses.replace(usual, **changed)


def _converted(text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false", "1", "0"):
            raise ValueError(text)
        return text.lower() in ("true", "1")
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return type(default)(text)
