"""Domain records as the JSON that scripts rely on: add keys, but never rename. Messages are always English."""

from typing import TYPE_CHECKING, Any

from core.domain.dataset import Dataset, Finding
from core.domain.explanation import Answer as AnyPrediction
from core.domain.goal import Goal
from core.domain.job import Job
from core.domain.message import Message
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.number import NumberPrediction, NumberReport
from core.domain.plain import to_plain
from core.domain.policy import Promise
from core.domain.repair import Operation, VersionComparison
from core.domain.run import AnyScore, Run, Score
from core.domain.several import SeveralPrediction, SeveralReport
from core.domain.task import ORDERED
from core.evaluation.ordered import steps_off
from core.evaluation.promises import sentence_of, shortfall
from core.evaluation.verdict import Verdict, percent
from core.i18n import ngettext, say

if TYPE_CHECKING:
    from core.evaluation.comparing import Rival
    from core.workspace.judging import Outlook


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    return {
        "dataset_id": dataset.id,
        "name": dataset.name,
        "text": dataset.text_column,
        "label": dataset.label_column,
        "label_columns": list(dataset.learned_columns),
        "n_rows": dataset.n_rows,
        "n_used": dataset.n_used,
        "n_set_aside": dataset.n_set_aside,
        "splits": dict(dataset.split_sizes),
        "labels": dict(dataset.label_counts),
        "task": dataset.task,
        "numbers": to_plain(dataset.numbers),
        "language": dataset.profile.language,
        "findings": [finding_json(finding) for finding in dataset.findings],
        "origin": dataset.family,
        "repairs": repairs_json(dataset)["repairs"],
        "created_at": dataset.created_at.isoformat(),
    }


def repairs_json(dataset: Dataset) -> dict[str, Any]:
    """The repairs as they can be undone: `n` is what `data undo` takes."""
    return {
        "dataset_id": dataset.id,
        "repairs": [
            {"n": n, **operation_json(one), **to_plain(effect)}
            for n, (one, effect) in enumerate(zip(dataset.operations, dataset.effects, strict=True), start=1)
        ],
    }


def operation_json(operation: Operation) -> dict[str, Any]:
    from core.datasets.operations import title_of

    return {"name": operation.name, "title": str(title_of(operation)), "params": to_plain(operation.params)}


def comparison_json(found: VersionComparison) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(found)
    return plain


def finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "count": finding.count,
        "rows": list(finding.rows),
        "message": str(finding.message),
        "advice": _text(finding.advice),
        "file": finding.file,
        "fixes": [{"key": fix.key, "title": str(fix.title)} for fix in finding.fixes],
    }


def job_json(job: Job) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "kind": job.kind.value,
        "title": job.title,
        "status": job.status.value,
        "stage": job.stage.value,
        "percent": job.percent,
        "seconds_left": list(job.seconds_left) if job.seconds_left else None,
        "queue_position": job.queue_position,
        "attempt": job.attempt,
        "run_id": job.run_id,
        "model_id": job.model_id,
        "error": job_error_json(job),
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "result": dict(job.result),
    }


def job_error_json(job: Job) -> dict[str, Any] | None:
    if job.error is None:
        return None
    return {"code": job.error.code, "message": str(job.error.message), "hint": _text(job.error.hint)}


def run_json(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "name": run.name,
        "dataset_id": run.dataset_id,
        "status": run.status.value,
        "job_id": run.job_id,
        "model_id": run.model_id,
        "recipe": run.recipe.to_json(),
        "environment": dict(run.environment),
        "draft": score_json(run.draft),
        "metrics": score_json(run.score),
        "kept": run.kept,
        "best_step": run.best_step,
        "n_steps": run.n_steps,
        "seconds": dict(run.seconds),
        "tracking": tracking_json(run),
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }


def tracking_json(run: Run) -> dict[str, Any]:
    """By tracker: where it keeps the run's curves, what opens them, and why it keeps no more, if so."""
    return {
        name: {"where": place.where, "command": place.command, "problem": _text(place.problem)}
        for name, place in run.tracking.items()
    }


def model_json(model: ModelVersion) -> dict[str, Any]:
    return {
        "model_id": model.id,
        "name": model.name,
        "run_id": model.run_id,
        "dataset_id": model.dataset_id,
        "task": model.task,
        "labels": list(model.labels),
        "language": model.language,
        "base_model": model.base_model,
        "kept": model.kept,
        "threshold": model.threshold,
        "metrics": score_json(model.score),
        "n_bytes": model.n_bytes,
        "policy": to_plain(model.policy) if model.policy else None,
        "created_at": model.created_at.isoformat(),
    }


def report_json(report: EvaluationReport) -> dict[str, Any]:
    return report.score.to_json() | {
        "n_right": report.n_right,
        "interval": list(report.interval),
        "majority": score_json(report.majority),
        "draft": score_json(report.draft),
        "labels": list(report.labels),
        "per_label": {
            one.label: {
                "precision": one.precision,
                "recall": one.recall,
                "f1": one.f1,
                "n": one.n,
                "n_predicted": one.n_predicted,
            }
            for one in report.per_label
        },
        "confusion": [list(row) for row in report.confusion],
        "threshold": report.threshold,
        "n_sure": report.n_sure,
        "n_sure_right": report.n_sure_right,
        "ece": report.ece,
        "seconds": report.seconds,
    }


def steps_json(report: EvaluationReport, task: str) -> dict[str, Any]:
    """Of categories that have an order; nothing of others."""
    steps = steps_off(report) if task == ORDERED else None
    return {"steps_off": steps.mean, "within_one_step": steps.within_one} if steps else {}


def prediction_json(prediction: AnyPrediction) -> dict[str, Any]:
    if isinstance(prediction, NumberPrediction):
        return {"value": prediction.value, "low": prediction.low, "high": prediction.high}
    if isinstance(prediction, SeveralPrediction):
        return {
            "categories": list(prediction.categories),
            "confidence": prediction.confidence,
            "probabilities": dict(prediction.probabilities),
            "thresholds": dict(prediction.thresholds),
        }
    return {
        "label": prediction.label,
        "probability": prediction.probability,
        "sure": prediction.sure,
        "familiar": prediction.familiar,
        "probabilities": dict(prediction.probabilities),
    }


def score_json(score: AnyScore | None) -> dict[str, Any] | None:
    return score.to_json() if score else None


def short_result(score: AnyScore | None) -> str:
    """ "92%", "R² 0.62" of scores, "F1 0.62" of several categories; empty without one."""
    if score is None:
        return ""
    return percent(score.accuracy) if isinstance(score, Score) else score.short


def result_words(score: AnyScore) -> str:
    """ "right on 277 of 300 unseen examples (92%)"."""
    if not isinstance(score, Score):
        return say(score.words)
    return ngettext(
        "right on {right} of {n} unseen example ({share})", "right on {right} of {n} unseen examples ({share})", score.n
    ).format(right=round(score.accuracy * score.n), n=score.n, share=percent(score.accuracy))


def _text(message: Message | None) -> str | None:
    return str(message) if message else None


def goal_json(goal: Goal) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(goal)
    return plain | {"limit": goal.limit}


def other_report_json(report: NumberReport | SeveralReport) -> dict[str, Any]:
    """The short result's keys stand at the top, as in reports on one category a text."""
    plain: dict[str, Any] = to_plain(report)
    return {**report.score.to_json(), **plain}


def other_model_json(model: ModelVersion, report: NumberReport | SeveralReport, verdict: Verdict) -> dict[str, Any]:
    return model_json(model) | {"report": other_report_json(report), "verdict": verdict_json(verdict)}


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "readiness": verdict.readiness.value,
        "headline": str(verdict.headline),
        "reason": str(verdict.reason),
        "caution": _text(verdict.caution),
    }


def outlook_json(outlook: "Outlook") -> dict[str, Any]:
    """`promise` speaks of the next 1,000 messages."""
    promise = outlook.promise
    return {
        "goal": goal_json(outlook.goal),
        "policy": to_plain(outlook.policy),
        "is_saved": outlook.is_saved,
        "is_in_use": outlook.is_in_use,
        "promise": promise_json(promise),
        "in_use": {"policy": to_plain(outlook.model.rule), "promise": promise_json(outlook.promise_now)},
        "sentence": str(sentence_of(promise, outlook.goal)),
        "lacking": _text(shortfall(promise, outlook.goal.limit)),
        "fixed_because": _text(outlook.fixed_because),
    }


def promise_json(promise: Promise) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(promise)
    return plain | {"share": promise.share, "automatic": promise.next_auto, "about": promise.about}


def rival_json(rival: "Rival") -> dict[str, Any]:
    return {
        "kind": rival.kind.value,
        "n_right": rival.n_right,
        "only_model_right": rival.paired.n_first,
        "only_rival_right": rival.paired.n_second,
        "p": rival.paired.p,
        "is_real": rival.paired.is_real,
        "model_id": rival.model.id if rival.model else None,
    }
