"""Commands and options. Scripts rely on them: add, but never rename."""

import argparse
from typing import Any, NoReturn, TypeAlias

from core.domain.message import msg
from core.domain.recipe import Preset
from core.errors import UserError
from core.i18n import gettext as _


class UsageError(UserError):
    """The arguments do not make a command."""

    code = "usage"


class Parser(argparse.ArgumentParser):
    """Tells a wrong argument as any other error that the person can mend, so that `--json` holds for it too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(msg("{problem}", problem=message), hint=msg("See: {command} --help", command=self.prog))


def build_parser() -> Parser:
    parser = Parser(prog="python -m core", description=_("Fine-tune a language model on a spreadsheet."))
    commands = parser.add_subparsers(required=True, metavar=_("COMMAND"))
    for add in (_add_data, _add_train, _add_jobs, _add_runs, _add_models, _add_evaluate, _add_predict):
        add(commands)
    _command(commands, "worker", _("work on queued jobs until interrupted"), "worker", json=False)
    _command(commands, "doctor", _("is everything here that a run needs?"), "doctor")
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def _command(commands: Commands, name: str, help: str, command: str, *, json: bool = True) -> Parser:
    """A command whose function in `core.terminal.commands` is `command`."""
    parser: Parser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(command=command)
    if json:
        parser.add_argument("--json", action="store_true", help=_("answer with one JSON object"))
    return parser


def _group(commands: Commands, name: str, help: str) -> tuple[Parser, Commands]:
    """A command with commands of its own; by itself it lists."""
    parser = _command(commands, name, help, f"{name}_list")
    return parser, parser.add_subparsers(metavar=_("COMMAND"))


def _with_id(commands: Commands, name: str, help: str, command: str, id_type: type = int) -> Parser:
    parser = _command(commands, name, help, command)
    parser.add_argument("id", metavar="ID", type=id_type)
    return parser


def _add_data(commands: Commands) -> None:
    _parser, actions = _group(commands, "data", _("tables to learn from"))
    add = _command(actions, "add", _("read, check and keep a table"), "data_add")
    add.add_argument("file", metavar="FILE", help=_("a .csv, .tsv, .txt or .xlsx file"))
    _add_table_options(add)
    add.add_argument("--encoding", metavar="E", help=_("e.g. utf-8 or gb18030; otherwise guessed"))
    add.add_argument("--delimiter", metavar="D", help=_("one of , ; | or tab; otherwise guessed"))
    add.add_argument("--sheet", metavar="S", help=_("the Excel sheet; otherwise the first with rows"))
    _command(actions, "list", _("all data sets, newest first"), "data_list")
    _with_id(actions, "show", _("one data set with its findings"), "data_show", str)
    _with_id(actions, "delete", _("delete a data set that no run rests on"), "data_delete", str)


def _add_table_options(parser: Parser) -> None:
    parser.add_argument("--test", metavar="FILE", help=_("a second table, used as the exam"))
    parser.add_argument("--text", metavar="COL", help=_("the column with the texts; otherwise guessed"))
    parser.add_argument("--label", metavar="COL", help=_("the column with the categories; otherwise guessed"))


def _add_train(commands: Commands) -> None:
    train = _command(commands, "train", _("train a model, in the queue of the dashboard"), "train")
    source = train.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", metavar="FILE", help=_("a table to add first"))
    source.add_argument("--dataset", metavar="ID", help=_("a data set that was added"))
    _add_table_options(train)
    train.add_argument("--preset", choices=[preset.value for preset in Preset], default=Preset.BALANCED.value)
    train.add_argument("--base-model", metavar="NAME|DIR", help=_("a catalog name, a Hugging Face id or a folder"))
    train.add_argument("--seed", metavar="N", type=int)
    train.add_argument(
        "--set", metavar="FIELD=VALUE", action="append", default=[], help=_("change one setting of the recipe")
    )
    train.add_argument("--no-wait", action="store_true", help=_("return at once; the job goes on by itself"))


def _add_jobs(commands: Commands) -> None:
    _parser, actions = _group(commands, "jobs", _("what is queued, running and done"))
    _command(actions, "list", _("all jobs, newest first"), "jobs_list")
    _with_id(actions, "show", _("how far a job is"), "jobs_show")
    _with_id(actions, "cancel", _("stop a job and throw its work away"), "jobs_cancel")
    _with_id(actions, "stop", _("stop a job and keep the best so far"), "jobs_stop")
    _with_id(actions, "resume", _("queue a failed or cancelled job again"), "jobs_resume")
    _with_id(actions, "delete", _("delete the entry of an ended job"), "jobs_delete")
    _with_id(actions, "log", _("the end of a job's log"), "jobs_log")


def _add_runs(commands: Commands) -> None:
    _parser, actions = _group(commands, "runs", _("the history of trainings"))
    _command(actions, "list", _("all runs, newest first"), "runs_list")
    _with_id(actions, "show", _("one run with its recipe and result"), "runs_show")
    rename = _with_id(actions, "rename", _("give a run and its model a name"), "runs_rename")
    rename.add_argument("name", metavar="NAME")
    _with_id(actions, "delete", _("delete a run, its curves and its model"), "runs_delete")


def _add_models(commands: Commands) -> None:
    _parser, actions = _group(commands, "models", _("finished models"))
    _command(actions, "list", _("all models, newest first"), "models_list")
    _with_id(actions, "show", _("one model with its report"), "models_show")
    _with_id(actions, "delete", _("delete a model; its run stays"), "models_delete")


def _add_evaluate(commands: Commands) -> None:
    evaluate = _command(commands, "evaluate", _("the report of a model on a labeled table"), "evaluate")
    evaluate.add_argument("id", metavar="MODEL_ID", type=int)
    evaluate.add_argument("file", metavar="FILE")
    evaluate.add_argument("--text", metavar="COL", help=_("the column with the texts; otherwise guessed"))
    evaluate.add_argument("--label", metavar="COL", help=_("the column with the categories; otherwise guessed"))


def _add_predict(commands: Commands) -> None:
    predict = _command(commands, "predict", _("ask a model about a text or a whole table"), "predict")
    predict.add_argument("id", metavar="MODEL_ID", type=int)
    source = predict.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", metavar="TEXT")
    source.add_argument("--file", metavar="IN", help=_("a table; every row is answered"))
    predict.add_argument("--out", metavar="OUT", help=_("where the answered table goes: .xlsx or .csv"))
    predict.add_argument("--column", metavar="COL", help=_("the column with the texts; otherwise guessed"))
