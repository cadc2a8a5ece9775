"""Checks on what the texts are made of: too long, damaged, markup, footers, other languages, personal data."""

from collections.abc import Callable, Sequence

import numpy as np

from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, fix
from core.datasets.hashing import Mask
from core.datasets.markup import rows_with_footer, rows_with_markup
from core.datasets.personal_data import rows_with
from core.datasets.taking import take_rows
from core.datasets.text_languages import LANGUAGES, UNSURE, text_languages
from core.datasets.threads import rows_matching
from core.domain.dataset import Finding, Severity
from core.domain.message import Message, msg, nmsg
from core.domain.repair import Fix
from core.domain.task import reads_pairs

#: Characters of a text that the models read; the rest is cut. About 512 tokens.
READ_CHARS = {"zh": 500, "en": 2_000, "other": 1_200}
HUGE_CHARS = 32_767  #: what a cell of Excel can hold; longer ones are accidents more often than texts
MANY_RATIO = 0.1  #: of the texts: from here on a note becomes a question
LOOKED_AT = 20_000
MIN_FOREIGN_RATIO, MIN_FOREIGN_ROWS = 0.02, 5


def severity_of(file: FileRows, found: Mask) -> Severity:
    """A note while few texts are concerned."""
    return Severity.WARNING if found.sum() >= MANY_RATIO * max(file.used.sum(), 1) else Severity.NOTE


class HugeText:
    """A megabyte in one cell."""

    name = "huge_cell"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            huge = (file.lengths > HUGE_CHARS) & file.used
            if huge.any():
                limit = READ_CHARS[file.language]
                message = nmsg(
                    "{n} text is far longer than any message: {longest} characters. A model reads about the first {limit}.",
                    "{n} texts are far longer than any message: up to {longest} characters. A model reads about the first {limit}.",
                    int(huge.sum()),
                    longest=int(file.lengths[huge].max()),
                    limit=limit,
                )
                advice = msg("Look whether a quotation mark is missing there. Otherwise cut them.")
                cut = [_shorten(limit)]
                findings.append(finding_of_rows(self.name, Severity.WARNING, file, huge, message, advice, cut))
        return findings


class LongText:
    name = "long_text"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            limit = READ_CHARS[file.language]
            long = (file.lengths > limit) & (file.lengths <= HUGE_CHARS) & file.used
            if not long.any():
                continue
            cut = int((file.lengths[long].astype(np.int64) - limit).sum())
            share = 100 * cut / int(file.lengths[file.used].sum(dtype=np.int64))
            message = nmsg(
                "{n} text is longer than the about {limit} characters that a model reads at once. "
                "{share}% of everything written here lies beyond.",
                "{n} texts are longer than the about {limit} characters that a model reads at once. "
                "{share}% of everything written here lies beyond.",
                int(long.sum()),
                limit=limit,
                share=max(round(share), 1),
            )
            advice = (
                msg(
                    "Of a pair only the start of both texts counts, and the longer one is cut first. Shorten them to what decides, if you can."
                )
                if reads_pairs(data.task)
                else msg(
                    "Where more than 1 in 20 are so long, training tries what to read of them; else only their start counts. Shorten them to the part that decides the category, if you can."
                )
            )
            fixes = [_shorten(limit)]
            findings.append(finding_of_rows(self.name, Severity.NOTE, file, long, message, advice, fixes))
        return findings


def _shorten(limit: int) -> Fix:
    return fix("shorten", msg("Cut them after {limit} characters", limit=limit), "shorten_texts", limit=limit)


class ControlCharacter:
    name = "control_character"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            odd = rows_matching(file.texts, "[\\x00-\\x08\\x0e-\\x1f]") & file.used
            if odd.any():
                message = nmsg(
                    "{n} text contains invisible control characters. They are left out of files that you download.",
                    "{n} texts contain invisible control characters. They are left out of files that you download.",
                    int(odd.sum()),
                )
                advice = msg("Look whether these rows were damaged on the way here.")
                clean = fix("clean", msg("Take the control characters out"), "clean_texts")
                findings.append(finding_of_rows(self.name, Severity.NOTE, file, odd, message, advice, [clean]))
        return findings


class Markup:
    name = "markup"

    def find(self, data: BothFiles) -> list[Finding]:
        def message(n: int) -> Message:
            return nmsg("{n} text contains HTML markup.", "{n} texts contain HTML markup.", n)

        advice = msg("The model would learn the markup along with the words. Keep the words only.")
        strip = fix("strip", msg("Take the markup out"), "strip_markup")
        return _findings(self.name, data, rows_with_markup, message, advice, [strip])


class MailFooter:
    name = "mail_footer"

    def find(self, data: BothFiles) -> list[Finding]:
        def message(n: int) -> Message:
            return nmsg(
                "{n} text ends with an earlier mail, a signature or a legal notice.",
                "{n} texts end with an earlier mail, a signature or a legal notice.",
                n,
            )

        advice = msg("They say little about the category. Keep what the writer wrote.")
        strip = fix("strip", msg("Cut off what the mail program added"), "strip_footers")
        return _findings(self.name, data, rows_with_footer, message, advice, [strip])


def _findings(
    name: str,
    data: BothFiles,
    rows_of: "Callable[..., Mask]",
    message: "Callable[[int], Message]",
    advice: Message,
    fixes: Sequence[Fix],
) -> list[Finding]:
    found = [(file, rows_of(file.texts, file.used)) for file in data.files]
    return [
        finding_of_rows(name, severity_of(file, rows), file, rows, message(int(rows.sum())), advice, fixes)
        for file, rows in found
        if rows.any()
    ]


class MixedLanguages:
    """Texts in another language than most. Those too short to tell count for none."""

    name = "mixed_languages"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            if not self._may_be_mixed(file):
                continue
            codes = text_languages(file.texts)
            counts = np.bincount(codes[file.used], minlength=len(LANGUAGES))
            counts[UNSURE] = 0
            main = int(counts.argmax())
            foreign = (codes != main) & (codes != UNSURE) & file.used
            n_foreign = int(foreign.sum())
            if n_foreign < max(MIN_FOREIGN_ROWS, MIN_FOREIGN_RATIO * int(counts.sum())):
                continue
            message = _SENTENCES[LANGUAGES[main]](n_foreign)
            advice = msg(
                "One model per language is usually right more often. Keep them if such texts will come in later."
            )
            keep = fix("keep", _KEEP[LANGUAGES[main]], "keep_languages", languages=[LANGUAGES[main]])
            findings.append(finding_of_rows(self.name, Severity.WARNING, file, foreign, message, advice, [keep]))
        return findings

    def _may_be_mixed(self, file: FileRows) -> bool:
        """Judged by some of the texts, so that a table in one language costs nothing."""
        some = np.flatnonzero(file.used)
        some = some[:: max(len(some) // LOOKED_AT, 1)]
        counts = np.bincount(text_languages(take_rows(file.texts, some)), minlength=len(LANGUAGES))
        counts[UNSURE] = 0
        return bool(counts.sum() - counts.max() >= 0.5 * MIN_FOREIGN_RATIO * counts.sum() and counts.any())


_SENTENCES: "dict[str, Callable[[int], Message]]" = {
    "en": lambda n: nmsg(
        "Most texts are in English, {n} is in another language.",
        "Most texts are in English, {n} are in other languages.",
        n,
    ),
    "zh": lambda n: nmsg(
        "Most texts are in Chinese, {n} is in another language.",
        "Most texts are in Chinese, {n} are in other languages.",
        n,
    ),
    "other": lambda n: nmsg(
        "{n} text is in English or Chinese, most are in another language.",
        "{n} texts are in English or Chinese, most are in another language.",
        n,
    ),
}
_KEEP = {
    "en": msg("Keep the English texts only"),
    "zh": msg("Keep the Chinese texts only"),
    "other": msg("Keep the texts in the other language only"),
}


class PersonalData:
    """One finding a kind, so that each can be masked by itself."""

    name = "personal_data"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            by_kind = {kind: found for kind, found in rows_with(file.texts, file.used).items() if found.any()}
            for kind, found in by_kind.items():
                fixes = [fix(f"mask:{kind}", msg("Mask them"), "mask_personal_data", kinds=[kind])]
                if len(by_kind) > 1:
                    fixes.append(fix("mask", msg("Mask all personal data"), "mask_personal_data", kinds=[*by_kind]))
                message = _personal(kind, int(found.sum()))
                advice = msg(
                    "The model does not need them. Masked, they leave the word [{kind}] in their place.", kind=kind
                )
                findings.append(
                    finding_of_rows(self.name, severity_of(file, found), file, found, message, advice, fixes)
                )
        return findings


def _personal(kind: str, n: int) -> Message:
    return {
        "email": nmsg("{n} text contains an e-mail address.", "{n} texts contain e-mail addresses.", n),
        "phone": nmsg("{n} text contains a phone number.", "{n} texts contain phone numbers.", n),
        "card": nmsg("{n} text contains a card number.", "{n} texts contain card numbers.", n),
        "id_number": nmsg("{n} text contains an identity number.", "{n} texts contain identity numbers.", n),
    }[kind]
