"""Customer feedback in which a text may have several topics, as cells and as 0/1 columns."""

import csv
import io

TOPICS = {
    "delivery": "it came a week late",
    "price": "I was charged too much",
    "quality": "it broke on the first day",
}


def feedback(n: int) -> list[tuple[str, tuple[str, ...]]]:
    """Texts with their topics; every eighth has none."""
    rows = []
    for i in range(n):
        topics = tuple(topic for place, topic in enumerate(TOPICS) if i % 8 >> place & 1)
        said = " and ".join(TOPICS[topic] for topic in topics) or "thank you for the quick answer"
        rows.append((f"About order {i * 37 % 997}: {said}.", topics))
    return rows


def as_cells(n: int) -> bytes:
    return _table(("comment", "topics"), [(text, "; ".join(topics) or "|") for text, topics in feedback(n)])


def as_columns(n: int) -> bytes:
    rows = [(text, *(int(topic in topics) for topic in TOPICS)) for text, topics in feedback(n)]
    return _table(("comment", *TOPICS), rows)


def _table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode()
