"""Commands and options. Scripts rely on them: add, but never rename."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from core.domain.familiarity import KEEPS
from core.domain.goal import Use
from core.domain.matching import N_MATCHES
from core.domain.message import msg
from core.domain.recipe import Preset
from core.domain.task import ANSWERS
from core.errors import UserError
from core.i18n import gettext as _
from core.tracking import TRACKERS

TRAINED = "trained"  #: as strict as training chose
OPEN = "open"  #: a part of a goal that is not known
NO_TRACKER = "none"  #: not even those of TUNEDESK_TRACKERS


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
    for add in (
        _add_data,
        _add_train,
        _add_pretrain,
        _add_base_models,
        _add_jobs,
        _add_runs,
        _add_models,
        _add_study,
        _add_goal,
        _add_mistakes,
        _add_evaluate,
        _add_predict,
        _add_explain,
    ):
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
    parser = _command(commands, name, help, f"{name.replace('-', '_')}_list")
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
    _add_format_options(add)
    _command(actions, "list", _("all data sets, newest first"), "data_list")
    _with_id(actions, "show", _("one data set with its findings"), "data_show", str)
    delete = _with_id(actions, "delete", _("delete a data set that no run rests on"), "data_delete", str)
    delete.add_argument("--all-versions", action="store_true", help=_("with all versions of its table"))
    _add_repairs(actions)


def _add_repairs(actions: Commands) -> None:
    _with_id(actions, "findings", _("what the checks found, and the ways to mend it"), "data_findings", str)
    fix = _with_id(actions, "fix", _("mend a finding; makes a new version"), "data_fix", str)
    fix.add_argument("code", metavar="CODE", help=_("the finding, e.g. duplicate"))
    fix.add_argument("--choose", metavar="KEY", help=_("which of its fixes; otherwise the usual one"))
    fix.add_argument("--file", choices=["practice", "exam"], default="practice")
    ops = _with_id(actions, "ops", _("the repairs of a version, in order"), "data_ops", str)
    ops.add_argument("--out", metavar="FILE", help=_("where to write the list, for data replay"))
    undo = _with_id(actions, "undo", _("a version without some repairs"), "data_undo", str)
    undo.add_argument("n", metavar="N", type=int, nargs="+", help=_("as data ops numbers them"))
    replay = _with_id(actions, "replay", _("do the repairs of another table here too"), "data_replay", str)
    replay.add_argument("ops", metavar="OPS.json")
    append = _with_id(actions, "append", _("add the rows of another file with the same columns"), "data_append", str)
    append.add_argument("file", metavar="FILE")
    _add_format_options(append)
    compare = _with_id(actions, "compare", _("what differs between two versions"), "data_compare", str)
    compare.add_argument("other", metavar="ID2")
    _with_id(actions, "versions", _("all versions of a table, the latest last"), "data_versions", str)
    export = _with_id(actions, "export", _("write the repaired table to a file"), "data_export", str)
    export.add_argument("--out", metavar="FILE", required=True, help=_(".csv or .xlsx"))
    label = _with_id(actions, "label", _("correct the category of some rows"), "data_label", str)
    label.add_argument("--row", metavar="N", type=int, nargs="+", required=True)
    label.add_argument("--label", metavar="CATEGORY", required=True)
    label.add_argument("--file", choices=["practice", "exam"], default="practice")


def _add_format_options(parser: Parser) -> None:
    parser.add_argument("--encoding", metavar="E", help=_("e.g. utf-8 or gb18030; otherwise guessed"))
    parser.add_argument("--delimiter", metavar="D", help=_("one of , ; | or tab; otherwise guessed"))
    parser.add_argument("--sheet", metavar="S", help=_("the Excel sheet; otherwise the first with rows"))


def _add_table_options(parser: Parser) -> None:
    parser.add_argument("--test", metavar="FILE", help=_("a second table, used as the exam"))
    _add_text_columns(parser, "--text")
    _add_label_columns(parser)
    parser.add_argument(
        "--between", metavar="SIGN", help=_("the sign between several categories of a cell; otherwise guessed")
    )
    parser.add_argument("--task", choices=list(ANSWERS), help=_("what is learned of a text; otherwise guessed"))


def _add_label_columns(parser: Parser) -> None:
    parser.add_argument(
        "--label",
        metavar="COL",
        action="append",
        default=[],
        help=_("the column with the categories; otherwise guessed; several 0/1 columns are categories of their own"),
    )


def _add_text_columns(parser: Parser, option: str) -> None:
    parser.add_argument(
        option,
        metavar="COL",
        action="append",
        default=[],
        help=_("the column with the texts; otherwise guessed; several are read as one, or as a pair"),
    )


def _add_train(commands: Commands) -> None:
    train = _command(commands, "train", _("train a model, in the queue of the dashboard"), "train")
    source = train.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", metavar="FILE", help=_("a table to add first"))
    source.add_argument("--dataset", metavar="ID", help=_("a data set that was added"))
    source.add_argument("--run", metavar="ID", type=int, help=_("the data and the settings of an earlier run"))
    _add_table_options(train)
    train.add_argument("--preset", choices=[preset.value for preset in Preset], help=_("otherwise balanced"))
    train.add_argument("--base-model", metavar="NAME|DIR", help=_("a catalog name, a Hugging Face id or a folder"))
    train.add_argument("--seed", metavar="N", type=int)
    train.add_argument(
        "--set", metavar="FIELD=VALUE", action="append", default=[], help=_("change one setting of the recipe")
    )
    train.add_argument(
        "--track",
        choices=[*TRACKERS.names(), NO_TRACKER],
        action="append",
        help=_("record the curves there too; otherwise where TUNEDESK_TRACKERS says"),
    )
    train.add_argument("--no-wait", action="store_true", help=_("return at once; the job goes on by itself"))


def _add_pretrain(commands: Commands) -> None:
    pretrain = _command(
        commands,
        "pretrain",
        _("let a base model read texts without categories; makes a base model of your own"),
        "pretrain",
    )
    pretrain.add_argument("--name", metavar="NAME", required=True, help=_("what to call the new base model"))
    pretrain.add_argument("--dataset", metavar="ID", help=_("read its practice texts, and those without a category"))
    pretrain.add_argument("--texts", metavar="FILE", help=_("a table with more texts; it needs no categories"))
    _add_text_columns(pretrain, "--column")
    pretrain.add_argument("--base-model", metavar="NAME|DIR", help=_("a catalog name, a Hugging Face id or a folder"))
    pretrain.add_argument(
        "--epochs", metavar="N", type=int, help=_("how often to read them; otherwise by their number")
    )
    pretrain.add_argument("--no-wait", action="store_true", help=_("return at once; the job goes on by itself"))


def _add_base_models(commands: Commands) -> None:
    _parser, actions = _group(commands, "base-models", _("what a training can start from"))
    _command(actions, "list", _("all base models, your own first"), "base_models_list")
    _with_id(actions, "delete", _("delete a base model of your own"), "base_models_delete", str)


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
    compare = _with_id(
        actions, "compare", _("which of two models is better on the same exam, and where"), "models_compare"
    )
    compare.add_argument("other", metavar="ID2", type=int)
    _with_id(actions, "delete", _("delete a model; its run stays"), "models_delete")
    _add_matches(actions)
    _with_id(actions, "weaknesses", _("what a model gets wrong, and what would help"), "models_weaknesses")
    policy = _with_id(
        actions, "policy", _("which answers go out by themselves, and what that promises"), "models_policy"
    )
    chosen = policy.add_mutually_exclusive_group()
    chosen.add_argument(
        "--mistakes", metavar="N", type=float, help=_("most mistakes allowed per 100 automatic answers")
    )
    chosen.add_argument("--share", metavar="N", type=float, help=_("messages to automate, of 100"))
    chosen.add_argument("--reset", action="store_true", help=_("go back to the threshold that training chose"))
    policy.add_argument(
        "--own",
        metavar="CATEGORY=P",
        action="append",
        help=_("a threshold of its own for a category: from 0 to 1, or “never”; several are possible"),
    )
    policy.add_argument("--save", action="store_true", help=_("use it from now on"))
    policy.add_argument(
        "--keep",
        choices=[*map(str, KEEPS), TRAINED],
        help=_("how strict about “none of these”: of 100 messages of its categories so many are kept; used at once"),
    )


def _add_matches(actions: Commands) -> None:
    matches = _with_id(actions, "matches", _("of many texts those that go best with one"), "models_matches")
    asked = matches.add_mutually_exclusive_group(required=True)
    asked.add_argument("--text", metavar="TEXT")
    asked.add_argument("--file", metavar="IN", help=_("a table; every row gets its best matches"))
    matches.add_argument("--text-column", metavar="COL", help=_("its column with the texts; otherwise guessed"))
    matches.add_argument("--out", metavar="OUT", help=_("where the answered table goes: .xlsx or .csv"))
    matches.add_argument(
        "--candidates", metavar="FILE", help=_("a table to choose from; otherwise what the model learned from")
    )
    matches.add_argument("--column", metavar="COL", help=_("its column with the texts; otherwise guessed"))
    matches.add_argument("--label", metavar="CATEGORY", help=_("the category that means a match; otherwise guessed"))
    matches.add_argument(
        "--n", metavar="N", type=int, default=N_MATCHES, help=_("how many; otherwise {n}").format(n=N_MATCHES)
    )


def _add_goal(commands: Commands) -> None:
    goal = commands.add_parser("goal", help=_("what a table's models are for"))
    actions = goal.add_subparsers(required=True, metavar=_("COMMAND"))
    _with_id(actions, "show", _("what a data set's models are for"), "goal_show", str)
    change = _with_id(
        actions, "set", _("say what a data set's models are for; what is left out stays"), "goal_set", str
    )
    change.add_argument("--use", choices=[use.value for use in Use], help=_("what happens to each message"))
    change.add_argument("--messages", metavar="N", type=_open_or(int), help=_("messages a month, or “open”"))
    change.add_argument(
        "--wrong-cost", metavar="X", type=_open_or(float), help=_("what a wrong answer costs, or “open”")
    )
    change.add_argument(
        "--reading-cost", metavar="X", type=_open_or(float), help=_("what reading a message costs, or “open”")
    )
    change.add_argument(
        "--allowed", metavar="N", type=_open_or(float), help=_("most mistakes per 100 automatic answers, or “open”")
    )
    change.add_argument(
        "--worst", metavar=("TRUTH", "ANSWER"), nargs=2, help=_("the mix-up that hurts most: category and wrong answer")
    )
    change.add_argument("--weight", metavar="N", type=float, help=_("as how many mistakes it counts; otherwise 10"))
    change.add_argument("--no-worst", action="store_true", help=_("no mix-up counts more than others"))


def _open_or(number: Callable[[str], float]) -> Callable[[str], float | str]:
    """A number, or the word "open" for not known."""

    def read(text: str) -> float | str:
        return OPEN if text == OPEN else number(text)

    read.__name__ = number.__name__
    return read


def _add_study(commands: Commands) -> None:
    _parser, actions = _group(commands, "study", _("heavy parts of a model's report, worked out when asked for"))
    listed = _command(actions, "list", _("the studies there are, and what a model has of them"), "study_list")
    listed.add_argument("id", metavar="MODEL_ID", type=int, nargs="?")
    start = _with_id(actions, "start", _("work a study out, in the queue of the dashboard"), "study_start")
    start.add_argument("name", metavar="STUDY", help=_("as study list names it"))
    start.add_argument("--set", metavar="OPTION=VALUE", action="append", default=[], help=_("ask for something else"))
    start.add_argument("--no-wait", action="store_true", help=_("return at once; the job goes on by itself"))
    show = _with_id(actions, "show", _("what a study found"), "study_show")
    show.add_argument("name", metavar="STUDY", help=_("as study list names it"))


def _add_mistakes(commands: Commands) -> None:
    help = _("decide about rows under a likely wrong category")
    actions: Commands = commands.add_parser("mistakes", help=help, description=help).add_subparsers(
        required=True, metavar=_("COMMAND")
    )
    _with_id(actions, "list", _("what was decided about the rows of a data set"), "mistakes_list", str)
    decide = _with_id(actions, "decide", _("keep what you think of a row's category"), "mistakes_decide", str)
    decide.add_argument("row", metavar="ROW", type=int)
    decide.add_argument("--file", choices=["practice", "exam"], default="practice")
    verdict = decide.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--keep", action="store_true", help=_("the given category is right"))
    verdict.add_argument("--change", metavar="CATEGORY", help=_("this one is right"))
    verdict.add_argument("--leave-out", action="store_true", help=_("the row is of no use"))
    _with_id(actions, "undo", _("take the latest decision back"), "mistakes_undo", str)
    _with_id(actions, "apply", _("make the version with all decisions done"), "mistakes_apply", str)


def _add_evaluate(commands: Commands) -> None:
    evaluate = _command(commands, "evaluate", _("the report of a model on a labeled table"), "evaluate")
    evaluate.add_argument("id", metavar="MODEL_ID", type=int)
    evaluate.add_argument("file", metavar="FILE")
    _add_text_columns(evaluate, "--text")
    _add_label_columns(evaluate)


def _add_predict(commands: Commands) -> None:
    predict = _command(commands, "predict", _("ask a model about a text or a whole table"), "predict")
    predict.add_argument("id", metavar="MODEL_ID", type=int)
    source = predict.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", metavar="TEXT")
    source.add_argument("--file", metavar="IN", help=_("a table; every row is answered"))
    _add_second_text(predict)
    predict.add_argument("--out", metavar="OUT", help=_("where the answered table goes: .xlsx or .csv"))
    _add_text_columns(predict, "--column")


def _add_second_text(parser: Parser) -> None:
    parser.add_argument("--with", dest="second", metavar="TEXT", help=_("the second text, for a model of pairs"))


def _add_explain(commands: Commands) -> None:
    explain = _command(commands, "explain", _("the words that moved an answer, and similar practice rows"), "explain")
    explain.add_argument("id", metavar="MODEL_ID", type=int)
    explain.add_argument("--text", metavar="TEXT", required=True)
    _add_second_text(explain)
    explain.add_argument("--against", metavar="CATEGORY", help=_("why not this one?"))
    explain.add_argument(
        "--label", metavar="CATEGORY", help=_("of a model that gives several: which one; otherwise the likeliest")
    )
    telling = _command(commands, "words", _("the telling words of each category a model answers"), "words")
    telling.add_argument("id", metavar="MODEL_ID", type=int)
