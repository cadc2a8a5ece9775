"""What people would use instead of Tunedesk, each in its usual setting: lists of texts in, a list of answers out.

    tfidf_lr   TF-IDF of words (Chinese: of one and two characters) under logistic regression, C by cross-validation
    svm        TF-IDF of words and of characters under a linear SVM, C by cross-validation
    trainer    transformers.Trainer with a classification head: 3 epochs, learning rate 5e-5, batch 8, dynamic padding
    setfit     SetFit with its defaults; needs an interpreter that has the package `setfit`

All of them learn from the rows that Tunedesk splits into practice and check-up.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

MAX_LENGTH = 128
C_VALUES = {"tfidf_lr": (1.0, 10.0, 100.0), "svm": (0.1, 0.3, 1.0)}
N_FOLDS = 3

Answerer = Callable[[Sequence[str], Sequence[str], Sequence[str], Path, str, int], list[str]]


def tfidf_lr(
    texts: Sequence[str], labels: Sequence[str], asked: Sequence[str], base_dir: Path, language: str, seed: int
) -> list[str]:
    from sklearn.linear_model import LogisticRegression

    return _linear("tfidf_lr", [_words(language)], LogisticRegression(max_iter=1000), texts, labels, asked)


def svm(
    texts: Sequence[str], labels: Sequence[str], asked: Sequence[str], base_dir: Path, language: str, seed: int
) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    analyzer = "char" if language == "zh" else "char_wb"
    pieces = TfidfVectorizer(analyzer=analyzer, ngram_range=(2, 5), sublinear_tf=True)
    return _linear("svm", [_words(language), pieces], LinearSVC(), texts, labels, asked)


def _words(language: str) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if language == "zh":
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)


def _linear(
    name: str, features: list[Any], model: Any, texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]
) -> list[str]:
    from collections import Counter

    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline, make_union
    from threadpoolctl import threadpool_limits

    pipeline = make_pipeline(make_union(*features), model)
    step = type(model).__name__.lower()
    with threadpool_limits(1):
        if min(Counter(labels).values()) >= N_FOLDS:
            pipeline = GridSearchCV(pipeline, {f"{step}__C": list(C_VALUES[name])}, cv=N_FOLDS)
        else:
            pipeline.set_params(**{f"{step}__C": C_VALUES[name][1]})
        pipeline.fit(list(texts), list(labels))
        return [str(answer) for answer in pipeline.predict(list(asked))]


def trainer(
    texts: Sequence[str], labels: Sequence[str], asked: Sequence[str], base_dir: Path, language: str, seed: int
) -> list[str]:
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    torch.manual_seed(seed)
    names = sorted(set(labels))
    tokenizer = AutoTokenizer.from_pretrained(base_dir)
    model = AutoModelForSequenceClassification.from_pretrained(base_dir, num_labels=len(names), dtype=torch.float32)
    model.accepts_loss_kwargs = False  # transformers 5.23 computes a wrong loss for classification heads without this

    def encoded(rows: Sequence[str], targets: Sequence[int]) -> list[dict[str, Any]]:
        tokens = tokenizer(list(rows), truncation=True, max_length=MAX_LENGTH)
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": target}
            for ids, mask, target in zip(tokens["input_ids"], tokens["attention_mask"], targets, strict=True)
        ]

    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(
            output_dir=folder,
            num_train_epochs=3,
            per_device_train_batch_size=8,
            per_device_eval_batch_size=64,
            learning_rate=5e-5,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            seed=seed,
            use_cpu=True,
        )
        rows = encoded(texts, [names.index(label) for label in labels])
        run = Trainer(model=model, args=options, train_dataset=rows, data_collator=DataCollatorWithPadding(tokenizer))
        run.train()
        logits = run.predict(encoded(asked, [0] * len(asked))).predictions
    return [names[i] for i in logits.argmax(axis=1)]


def setfit(
    texts: Sequence[str], labels: Sequence[str], asked: Sequence[str], base_dir: Path, language: str, seed: int
) -> list[str]:
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    names = sorted(set(labels))
    model = SetFitModel.from_pretrained(str(base_dir), labels=names)
    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(output_dir=folder, seed=seed, report_to="none", show_progress_bar=False)
        rows = Dataset.from_dict({"text": list(texts), "label": list(labels)})
        Trainer(model=model, args=options, train_dataset=rows).train()
        return [str(answer) for answer in model.predict(list(asked), show_progress_bar=False)]


PEERS: dict[str, Answerer] = {"tfidf_lr": tfidf_lr, "svm": svm, "trainer": trainer, "setfit": setfit}


def one_thread() -> dict[str, str]:
    """The environment of a process that computes with one thread."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
