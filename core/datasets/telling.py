"""The telling words of texts that were sorted into categories, by hand or by a model; see `core.datasets.profile`."""

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from core.datasets.comparing import compared
from core.datasets.profile import CUT_CHARS, LEAST_TEXTS, N_LABELS, N_WORD_TEXTS, telling_words
from core.datasets.terms import terms_of_texts
from core.domain.picture import LabelWords


def words_by_label(texts: Sequence[str], labels: Sequence[str]) -> tuple[LabelWords, ...]:
    """The biggest categories first; nothing where there are fewer than two. Of very many texts, evenly spaced ones count."""
    step = -(-len(texts) // N_WORD_TEXTS) or 1
    texts, labels = texts[::step], labels[::step]
    counts = Counter(labels)
    if len(counts) < 2:
        return ()
    names = [label for label, _n in counts.most_common(N_LABELS)]
    forms: Sequence[str] = compared(pa.array([text[:CUT_CHARS] for text in texts], pa.large_string())).to_pylist()
    terms = terms_of_texts(forms, LEAST_TEXTS)
    found = telling_words(terms, [(label,) for label in labels], names)
    return tuple(LabelWords(label=name, n_texts=counts[name], words=found[name]) for name in names)
