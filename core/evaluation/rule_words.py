"""What decides which answers are taken for sure, in one sentence: the same on the page and in the terminal."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.goal import Use
from core.domain.message import Message, msg
from core.domain.model import ModelVersion
from core.domain.policy import NEVER, Policy
from core.domain.use_words import USE_WORDS
from core.evaluation.verdict import percent


def rule_words(policy: Policy, labels: Sequence[str], use: Use) -> Message:
    """A part of a sentence, such as "answers from 80% sure on go automatic"."""
    words = USE_WORDS[use]
    if all(policy.threshold_of(label) >= NEVER for label in labels):
        return words.rule_never
    if policy.threshold >= NEVER:
        return words.rule_own
    return replace(words.rule_from, params={"threshold": percent(policy.threshold)})


def in_use_words(model: ModelVersion, use: Use) -> Message:
    rule = rule_words(model.rule, model.labels, use)
    if not model.has_own_rule:
        return msg("In use now, as training chose: {rule}.", rule=rule)
    return msg("In use now, as you chose: {rule}.", rule=rule)
