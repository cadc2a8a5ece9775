# `make run` and `make test` need nothing but Python 3.11+ and make; both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TRACKING_STAMP := $(VENV)/.tracking-installed
PORT ?= 8501

.PHONY: setup tracking run check fix test e2e bench messages clean

setup: $(STAMP)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tunedesk needs Python 3.11 or newer. Try: make setup PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $(STAMP)

tracking: $(TRACKING_STAMP)  ## TensorBoard, MLflow and Weights & Biases, for runs that are to be recorded there too

$(TRACKING_STAMP): $(STAMP) requirements-tracking.txt
	$(BIN)/python -m pip install --quiet --requirement requirements.txt --requirement requirements-tracking.txt
	touch $(TRACKING_STAMP)

run: setup  ## the dashboard with its worker on http://localhost:8501
	$(BIN)/streamlit run app.py --server.port $(PORT)

check: setup  ## ruff, mypy, import-linter, catalogs level
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: setup tracking  ## everything; browser tests skip themselves when chromium is missing
	$(BIN)/python -m pytest -n 2 --ignore=tests/e2e
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/e2e

e2e: setup  ## only the journey in a real browser
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/e2e

messages: setup  ## refresh the Chinese catalog from the source
	$(BIN)/python -m core.i18n update

bench: setup
	$(BIN)/python benchmarks/train_speed.py
	$(BIN)/python benchmarks/live_viewers.py
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/fuzz_reader.py --n 2000

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
