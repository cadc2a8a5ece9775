"""One sentence that says what a table is: every combination is a whole sentence, so that each language can say it its way."""

from dataclasses import replace

from core.domain.message import Message, msg

#: What is said of the table, what its texts are, what they are written in -> the sentence.
SENTENCES = {
    ("sorted", "messages", "en"): msg("{n:,} customer messages in English, sorted into {n_categories:,} categories."),
    ("sorted", "messages", "zh"): msg("{n:,} customer messages in Chinese, sorted into {n_categories:,} categories."),
    ("sorted", "messages", "mixed"): msg(
        "{n:,} customer messages in several languages, sorted into {n_categories:,} categories."
    ),
    ("sorted", "messages", "other"): msg("{n:,} customer messages, sorted into {n_categories:,} categories."),
    ("sorted", "reviews", "en"): msg("{n:,} reviews in English, sorted into {n_categories:,} categories."),
    ("sorted", "reviews", "zh"): msg("{n:,} reviews in Chinese, sorted into {n_categories:,} categories."),
    ("sorted", "reviews", "mixed"): msg("{n:,} reviews in several languages, sorted into {n_categories:,} categories."),
    ("sorted", "reviews", "other"): msg("{n:,} reviews, sorted into {n_categories:,} categories."),
    ("sorted", "texts", "en"): msg("{n:,} texts in English, sorted into {n_categories:,} categories."),
    ("sorted", "texts", "zh"): msg("{n:,} texts in Chinese, sorted into {n_categories:,} categories."),
    ("sorted", "texts", "mixed"): msg("{n:,} texts in several languages, sorted into {n_categories:,} categories."),
    ("sorted", "texts", "other"): msg("{n:,} texts, sorted into {n_categories:,} categories."),
    ("sorted_at_least", "messages", "en"): msg(
        "{n:,} customer messages in English, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "messages", "zh"): msg(
        "{n:,} customer messages in Chinese, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "messages", "mixed"): msg(
        "{n:,} customer messages in several languages, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "messages", "other"): msg(
        "{n:,} customer messages, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "reviews", "en"): msg(
        "{n:,} reviews in English, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "reviews", "zh"): msg(
        "{n:,} reviews in Chinese, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "reviews", "mixed"): msg(
        "{n:,} reviews in several languages, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "reviews", "other"): msg("{n:,} reviews, sorted into at least {n_categories:,} categories."),
    ("sorted_at_least", "texts", "en"): msg(
        "{n:,} texts in English, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "texts", "zh"): msg(
        "{n:,} texts in Chinese, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "texts", "mixed"): msg(
        "{n:,} texts in several languages, sorted into at least {n_categories:,} categories."
    ),
    ("sorted_at_least", "texts", "other"): msg("{n:,} texts, sorted into at least {n_categories:,} categories."),
    ("several", "messages", "en"): msg(
        "{n:,} customer messages in English, each in one or more of {n_categories:,} categories."
    ),
    ("several", "messages", "zh"): msg(
        "{n:,} customer messages in Chinese, each in one or more of {n_categories:,} categories."
    ),
    ("several", "messages", "mixed"): msg(
        "{n:,} customer messages in several languages, each in one or more of {n_categories:,} categories."
    ),
    ("several", "messages", "other"): msg(
        "{n:,} customer messages, each in one or more of {n_categories:,} categories."
    ),
    ("several", "reviews", "en"): msg("{n:,} reviews in English, each in one or more of {n_categories:,} categories."),
    ("several", "reviews", "zh"): msg("{n:,} reviews in Chinese, each in one or more of {n_categories:,} categories."),
    ("several", "reviews", "mixed"): msg(
        "{n:,} reviews in several languages, each in one or more of {n_categories:,} categories."
    ),
    ("several", "reviews", "other"): msg("{n:,} reviews, each in one or more of {n_categories:,} categories."),
    ("several", "texts", "en"): msg("{n:,} texts in English, each in one or more of {n_categories:,} categories."),
    ("several", "texts", "zh"): msg("{n:,} texts in Chinese, each in one or more of {n_categories:,} categories."),
    ("several", "texts", "mixed"): msg(
        "{n:,} texts in several languages, each in one or more of {n_categories:,} categories."
    ),
    ("several", "texts", "other"): msg("{n:,} texts, each in one or more of {n_categories:,} categories."),
    ("several_at_least", "messages", "en"): msg(
        "{n:,} customer messages in English, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "messages", "zh"): msg(
        "{n:,} customer messages in Chinese, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "messages", "mixed"): msg(
        "{n:,} customer messages in several languages, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "messages", "other"): msg(
        "{n:,} customer messages, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "reviews", "en"): msg(
        "{n:,} reviews in English, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "reviews", "zh"): msg(
        "{n:,} reviews in Chinese, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "reviews", "mixed"): msg(
        "{n:,} reviews in several languages, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "reviews", "other"): msg(
        "{n:,} reviews, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "texts", "en"): msg(
        "{n:,} texts in English, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "texts", "zh"): msg(
        "{n:,} texts in Chinese, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "texts", "mixed"): msg(
        "{n:,} texts in several languages, each in one or more of at least {n_categories:,} categories."
    ),
    ("several_at_least", "texts", "other"): msg(
        "{n:,} texts, each in one or more of at least {n_categories:,} categories."
    ),
    ("score", "messages", "en"): msg("{n:,} customer messages in English, each with a score."),
    ("score", "messages", "zh"): msg("{n:,} customer messages in Chinese, each with a score."),
    ("score", "messages", "mixed"): msg("{n:,} customer messages in several languages, each with a score."),
    ("score", "messages", "other"): msg("{n:,} customer messages, each with a score."),
    ("score", "reviews", "en"): msg("{n:,} reviews in English, each with a score."),
    ("score", "reviews", "zh"): msg("{n:,} reviews in Chinese, each with a score."),
    ("score", "reviews", "mixed"): msg("{n:,} reviews in several languages, each with a score."),
    ("score", "reviews", "other"): msg("{n:,} reviews, each with a score."),
    ("score", "texts", "en"): msg("{n:,} texts in English, each with a score."),
    ("score", "texts", "zh"): msg("{n:,} texts in Chinese, each with a score."),
    ("score", "texts", "mixed"): msg("{n:,} texts in several languages, each with a score."),
    ("score", "texts", "other"): msg("{n:,} texts, each with a score."),
    ("unlabeled", "messages", "en"): msg("{n:,} customer messages in English, not sorted into categories yet."),
    ("unlabeled", "messages", "zh"): msg("{n:,} customer messages in Chinese, not sorted into categories yet."),
    ("unlabeled", "messages", "mixed"): msg(
        "{n:,} customer messages in several languages, not sorted into categories yet."
    ),
    ("unlabeled", "messages", "other"): msg("{n:,} customer messages, not sorted into categories yet."),
    ("unlabeled", "reviews", "en"): msg("{n:,} reviews in English, not sorted into categories yet."),
    ("unlabeled", "reviews", "zh"): msg("{n:,} reviews in Chinese, not sorted into categories yet."),
    ("unlabeled", "reviews", "mixed"): msg("{n:,} reviews in several languages, not sorted into categories yet."),
    ("unlabeled", "reviews", "other"): msg("{n:,} reviews, not sorted into categories yet."),
    ("unlabeled", "texts", "en"): msg("{n:,} texts in English, not sorted into categories yet."),
    ("unlabeled", "texts", "zh"): msg("{n:,} texts in Chinese, not sorted into categories yet."),
    ("unlabeled", "texts", "mixed"): msg("{n:,} texts in several languages, not sorted into categories yet."),
    ("unlabeled", "texts", "other"): msg("{n:,} texts, not sorted into categories yet."),
    ("pair", "texts", "en"): msg("{n:,} pairs of texts in English to compare."),
    ("pair", "texts", "zh"): msg("{n:,} pairs of texts in Chinese to compare."),
    ("pair", "texts", "mixed"): msg("{n:,} pairs of texts in several languages to compare."),
    ("pair", "texts", "other"): msg("{n:,} pairs of texts to compare."),
}
SINGLE_ROW = msg("A single row.")
NO_TEXT = msg("{n:,} rows without a column of free text.")
ONE_CATEGORY = msg("{n:,} texts, all in one category.")
NO_CATEGORY = msg("{n:,} texts, none of them in a category.")


def sentence(form: str, noun: str, language: str, *, n: int, n_categories: int = 0) -> Message:
    """
    Args:
        form: "sorted", "sorted_at_least", "several", "several_at_least", "score", "unlabeled", "pair" or "no_text".
        noun: "messages" of customers, "reviews" or "texts".
        language: "en", "zh", "mixed" or "other".
        n: rows.
    """
    if n == 1:
        return SINGLE_ROW
    if form == "no_text":
        return replace(NO_TEXT, params={"n": n})
    if form == "sorted" and n_categories < 2:
        return replace(ONE_CATEGORY if n_categories else NO_CATEGORY, params={"n": n})
    pattern = SENTENCES[form, "texts" if form == "pair" else noun, language]
    return replace(pattern, params={"n": n, "n_categories": n_categories})
