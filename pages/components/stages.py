"""Where a job is: its stages in one row with the current one marked, and what time and queue are left, in words."""

from core.domain.job import Job, JobStatus, Stage
from core.domain.recipe import TrainingRecipe
from core.domain.run import AnyScore, Score
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.layout import format_percent, format_seconds_range

TRAINING_STAGES = (
    Stage.PREPARING,
    Stage.DRAFTING,
    Stage.TOKENIZING,
    Stage.TRAINING,
    Stage.EVALUATING,
    Stage.PUBLISHING,
)
#: a run that looks for the best settings, or asks its examples in turns
SEARCH_STAGES = (
    Stage.PREPARING,
    Stage.DRAFTING,
    Stage.TOKENIZING,
    Stage.SEARCHING,
    Stage.TRAINING,
    Stage.EVALUATING,
    Stage.PUBLISHING,
)
#: a run without fine-tuning has nothing to tokenize and no steps
DRAFT_STAGES = (Stage.PREPARING, Stage.DRAFTING, Stage.EVALUATING, Stage.PUBLISHING)
PRETRAINING_STAGES = (Stage.PREPARING, Stage.TOKENIZING, Stage.TRAINING, Stage.PUBLISHING)
SCORING_STAGES = (Stage.PREPARING, Stage.SCORING, Stage.PUBLISHING)


def stages_of(recipe: TrainingRecipe) -> tuple[Stage, ...]:
    """The stages that a training by `recipe` goes through."""
    if recipe.technique == "draft":
        return DRAFT_STAGES
    return SEARCH_STAGES if recipe.search_minutes or recipe.folds else TRAINING_STAGES


def stage_title(stage: Stage) -> str:
    return {
        Stage.WAITING: _("Waiting"),
        Stage.PREPARING: _("Preparing"),
        Stage.DRAFTING: _("First answer"),
        Stage.TOKENIZING: _("Reading texts"),
        Stage.SEARCHING: _("Trying settings"),
        Stage.TRAINING: _("Learning"),
        Stage.EVALUATING: _("Exam"),
        Stage.PUBLISHING: _("Saving the model"),
        Stage.SCORING: _("Scoring"),
        Stage.STUDYING: _("Studying the model"),
        Stage.FINISHED: _("Finished"),
    }[stage]


def stages_row(job: Job, stages: tuple[Stage, ...]) -> str:
    """Markdown of one badge a stage: green with a check when done, blue for the current one, grey for what is to come."""
    finished = job.stage is Stage.FINISHED
    running = job.status is JobStatus.RUNNING
    badges = []
    for position, stage in enumerate(stages):
        if job.stage in stages[position + 1 :] or finished:
            badges.append(f":green-badge[:material/check: {stage_title(stage)}]")
        elif job.stage is stage:
            color, icon = ("blue", "arrow_right") if running else ("orange", "pause")
            badges.append(f":{color}-badge[:material/{icon}: {stage_title(stage)}]")
        else:
            badges.append(f":gray-badge[{stage_title(stage)}]")
    return " ".join(badges)


def progress_words(job: Job) -> str:
    """ "43% · 6–9 minutes left", or the place in the queue."""
    if job.status is JobStatus.QUEUED:
        if job.queue_position is None or job.queue_position <= 1:
            return _("Next in the queue")
        return _("Number {n} in the queue").format(n=job.queue_position)
    percent = f"{job.percent:.0f}%"
    if job.seconds_left is None:
        return percent
    return _("{percent} · {duration} left").format(percent=percent, duration=format_seconds_range(*job.seconds_left))


def right_of(score: AnyScore) -> str:
    """ "right on 277 of 300 unseen examples (92%)"; of scores "off by 0.4 on average ..."."""
    if not isinstance(score, Score):
        return say(score.words)
    n_right = round(score.accuracy * score.n)
    return ngettext(
        "right on {right} of {n} unseen example ({share})", "right on {right} of {n} unseen examples ({share})", score.n
    ).format(right=n_right, n=score.n, share=format_percent(score.accuracy))


def duration_words(seconds: float) -> str:
    """A measured duration: "48 s", "6 min 12 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    if whole < 3600:
        return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return _("{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole % 3600 // 60)
