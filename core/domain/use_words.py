"""What sure and unsure answers are called, by what happens to each message."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.goal import Use
from core.domain.message import Message, msg, nmsg


@dataclass(frozen=True, slots=True, kw_only=True)
class UseWords:
    sure_title: Message  #: above a share of sure answers
    sure_help: Message
    unsure_title: Message  #: above a count of the others
    sure_right: Message  #: n_right of n sure ones, in the exam
    not_sure: Message  #: of one answer
    not_sure_short: Message  #: the same with its {share}
    none_of_these: Message
    unsure_action: Message  #: in a table of answers
    never_sure: Message  #: {sure} of an answer whose category is never taken for sure
    several: Message  #: n_sure of n texts
    mistakes_title: Message  #: above a slider of mistakes allowed
    share_handle: Message
    share_title: Message  #: above a slider of messages taken for sure
    share_axis: Message
    mistakes_axis: Message
    never_title: Message  #: above a tick for what is never taken for sure
    from_title: Message  #: above thresholds in percent
    rule_never: Message  #: what decides: nothing is taken for sure,
    rule_own: Message  #: only what has a rule of its own,
    rule_from: Message  #: or all from {threshold} on


_PERSON = {
    "unsure_title": msg("For a person"),
    "not_sure": msg("Not sure: goes to a person"),
    "not_sure_short": msg("{share}: goes to a person"),
    "none_of_these": msg("None of these: goes to a person"),
    "never_title": msg("Always to a person"),
    "unsure_action": msg("Goes to a person"),
    "never_sure": msg("It is {sure} sure; the way the model is set, answers of this kind always go to a person."),
    "several": nmsg(
        "Sure about {n_sure} of {n} text; the rest goes to a person.",
        "Sure about {n_sure} of {n} texts; the rest goes to a person.",
        0,
    ),
}

USE_WORDS: Mapping[Use, UseWords] = {
    Use.FILL: UseWords(
        **_PERSON,
        sure_title=msg("Automatic"),
        sure_help=msg("Share of the exam's messages that it would answer by itself."),
        sure_right=nmsg(
            "{n_right} of {n} automatic answer was right in the exam.",
            "{n_right} of {n} automatic answers were right in the exam.",
            0,
        ),
        mistakes_title=msg("Most mistakes allowed, per 100 automatic answers"),
        share_handle=msg("Share to automate"),
        share_title=msg("Messages to automate, of 100"),
        share_axis=msg("Messages automated"),
        mistakes_axis=msg("Mistakes per 100 automatic answers"),
        from_title=msg("Automatic from (% sure)"),
        rule_never=msg("nothing goes automatic"),
        rule_own=msg("only categories with a rule of their own go automatic"),
        rule_from=msg("answers from {threshold} sure on go automatic"),
    ),
    Use.SUGGEST: UseWords(
        **_PERSON,
        sure_title=msg("Suggested"),
        sure_help=msg("Share of the exam's messages that would get a suggestion."),
        sure_right=nmsg(
            "{n_right} of {n} suggestion was right in the exam.",
            "{n_right} of {n} suggestions were right in the exam.",
            0,
        ),
        mistakes_title=msg("Most mistakes allowed, per 100 suggestions"),
        share_handle=msg("Share with a suggestion"),
        share_title=msg("Messages with a suggestion, of 100"),
        share_axis=msg("Messages with a suggestion"),
        mistakes_axis=msg("Mistakes per 100 suggestions"),
        from_title=msg("Suggested from (% sure)"),
        rule_never=msg("nothing is suggested"),
        rule_own=msg("only categories with a rule of their own are suggested"),
        rule_from=msg("answers from {threshold} sure on are suggested"),
    ),
    Use.WATCH: UseWords(
        sure_title=msg("Counted for sure"),
        sure_help=msg("Share of the exam's messages that would be counted for sure."),
        sure_right=nmsg(
            "{n_right} of {n} sure answer was right in the exam.",
            "{n_right} of {n} sure answers were right in the exam.",
            0,
        ),
        unsure_title=msg("Unsure"),
        not_sure=msg("Not sure"),
        not_sure_short=msg("{share}: not sure"),
        none_of_these=msg("None of these"),
        unsure_action=msg("Not sure"),
        never_sure=msg("It is {sure} sure; the way the model is set, answers of this kind never count as sure."),
        several=nmsg(
            "Sure about {n_sure} of {n} text; the rest is counted as unsure.",
            "Sure about {n_sure} of {n} texts; the rest is counted as unsure.",
            0,
        ),
        mistakes_title=msg("Most mistakes allowed, per 100 sure answers"),
        share_handle=msg("Share counted for sure"),
        share_title=msg("Messages counted for sure, of 100"),
        share_axis=msg("Messages counted for sure"),
        mistakes_axis=msg("Mistakes per 100 sure answers"),
        never_title=msg("Never for sure"),
        from_title=msg("For sure from (%)"),
        rule_never=msg("nothing is counted for sure"),
        rule_own=msg("only categories with a rule of their own are counted for sure"),
        rule_from=msg("answers from {threshold} sure on are counted for sure"),
    ),
}
