"""Every command of the parser by its name."""

from argparse import Namespace
from collections.abc import Callable

from core.terminal.answer import Answer
from core.terminal.data import data_add, data_delete, data_findings, data_list, data_show
from core.terminal.explaining import explain, words
from core.terminal.jobs import (
    jobs_cancel,
    jobs_delete,
    jobs_list,
    jobs_log,
    jobs_resume,
    jobs_show,
    jobs_stop,
    runs_delete,
    runs_list,
    runs_rename,
    runs_show,
)
from core.terminal.judging import goal_set, goal_show, models_policy
from core.terminal.label_mistakes import mistakes_apply, mistakes_decide, mistakes_list, mistakes_undo
from core.terminal.machine import doctor, worker
from core.terminal.matching import models_matches
from core.terminal.models import evaluate, models_delete, models_list, models_show, predict
from core.terminal.pretraining import base_models_delete, base_models_list, pretrain
from core.terminal.repairs import (
    data_append,
    data_compare,
    data_export,
    data_fix,
    data_label,
    data_ops,
    data_replay,
    data_undo,
    data_versions,
)
from core.terminal.studies import study_list, study_show, study_start
from core.terminal.training import train
from core.terminal.two_models import models_compare
from core.terminal.weaknesses import models_weaknesses
from core.workspace import Workspace

Command = Callable[[Workspace, Namespace], Answer]

COMMANDS: dict[str, Command] = {
    command.__name__: command
    for command in (
        data_add, data_list, data_show, data_delete, data_findings, data_fix, data_ops, data_undo, data_replay,
        data_append, data_compare, data_versions, data_export, data_label, train, pretrain, evaluate, predict, explain, words, worker, doctor,
        jobs_list, jobs_show, jobs_cancel, jobs_stop, jobs_resume, jobs_delete, jobs_log,
        runs_list, runs_show, runs_rename, runs_delete, models_list, models_show, models_compare, models_matches, models_delete, models_policy, goal_show, goal_set,
        base_models_list, base_models_delete, study_list, study_start, study_show,
        models_weaknesses, mistakes_list, mistakes_decide, mistakes_undo, mistakes_apply,
    )
}  # fmt: skip


def run(command: str, workspace: Workspace, args: Namespace) -> Answer:
    return COMMANDS[command](workspace, args)
