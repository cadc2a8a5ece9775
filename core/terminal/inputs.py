"""Files and options that several commands take."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from core.domain.dataset import TableFormat, Upload
from core.domain.message import msg
from core.domain.pairs import joined
from core.domain.task import reads_pairs
from core.errors import NotFound, UserError
from core.workspace import Workspace

DELIMITERS = (",", ";", "|", "\t")
EXCEL_SUFFIXES = (".xlsx", ".xlsm")


def receive(workspace: Workspace, path: str) -> Upload:
    """Take a local file into the workspace.

    Raises:
        NotFound: there is no such file, or it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return workspace.receive_upload(file, Path(path).name)
    except FileNotFoundError:
        raise NotFound(msg("There is no file {path}.", path=path), hint=msg("Check the name and the folder.")) from None
    except (IsADirectoryError, PermissionError) as error:
        raise NotFound(
            msg("{path} cannot be read: {reason}.", path=path, reason=str(error.strerror)),
            hint=msg("Name a .csv, .tsv, .txt or .xlsx file that you may read."),
        ) from None


def asked_text(workspace: Workspace, args: Namespace) -> str:
    """What `--text` says, with `--with` as a pair; half a pair is left for the model to judge.

    Raises:
        UserError: a second text for a model that reads single ones.
    """
    if args.second is None:
        return str(args.text)
    if not reads_pairs(workspace.model(args.id).task):
        raise UserError(
            msg("Model {model_id} reads single texts.", model_id=args.id),
            hint=msg("--with is for models that compare two texts: leave it out."),
        )
    return joined(args.text, args.second)


def table_format(args: Namespace, upload: Upload, *, sheet: str | None = None) -> TableFormat:
    """What was told about the table. Encoding and delimiter hold for both files, except where one is an Excel file.

    Raises:
        UserError: the delimiter is none.
    """
    if upload.filename.lower().endswith(EXCEL_SUFFIXES):
        return TableFormat(sheet=sheet)
    return TableFormat(encoding=args.encoding, delimiter=_delimiter(args.delimiter))


def _delimiter(told: str | None) -> str | None:
    """Shells make tabs hard to type, so its name and its escape stand for one."""
    if told is None or told in DELIMITERS:
        return told
    if told in ("tab", "\\t"):
        return "\t"
    raise UserError(msg("“{delimiter}” does not separate cells.", delimiter=told), hint=msg("Use one of: , ; | tab"))


def overrides(args: Namespace) -> dict[str, str | int | float]:
    """The settings of `--set FIELD=VALUE` and `--seed`.

    Raises:
        UserError: one has no "=".
    """
    return ({} if args.seed is None else {"seed": args.seed}) | pairs(args.set)


def pairs(told: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, as often as it was told. Raises UserError: one has no "="."""
    values: dict[str, str] = {}
    for pair in told:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(
                msg("“{pair}” is no setting.", pair=pair),
                hint=msg("Write it as --set FIELD=VALUE, e.g. --set epochs=5"),
            )
        values[name.strip()] = value.strip()
    return values


def base_model(args: Namespace, workspace: Workspace) -> str | None:
    """The base model's name; a folder as an absolute path, because the job runs elsewhere."""
    name: str | None = args.base_model
    if name is None or any(name == model.name for model in workspace.base_models()):
        return name
    return str(Path(name).resolve()) if Path(name).is_dir() else name


def only_label(args: Namespace) -> str | None:
    """The one column named by --label, where a row has one label; None where it is to be guessed.

    Raises:
        UserError: more than one is named.
    """
    if len(args.label) > 1:
        raise UserError(
            msg(
                "A text has one category here, so one column names it: {columns} are too many.",
                columns=", ".join(args.label),
            ),
            hint=msg("Name one --label. Several are for models that give several categories."),
        )
    return args.label[0] if args.label else None
