# Each target sets up .venv by itself when it is missing or when what it is made from has changed.
.PHONY: book serve test test-site bench tricks exercises grade lint clean home
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
READY := .venv/ready
# Jupyter and Sphinx read these; a user's own settings must not change what is built.
export PYTHONNOUSERSITE := 1

# Runs the notebooks that changed, two at a time (scripts/execute.py), and makes the pages that changed; all pages after a build
# that did not end well. From nothing: make clean book.
book: $(READY)
	$(BIN)/jupyter-book build . -n -W --keep-going
	@echo
	@echo "The book is built. Open it in a browser:  file://$(CURDIR)/_build/html/index.html"
	@echo "or serve it to this machine:              make serve"

serve: $(READY)
	@test -f _build/html/index.html || { echo "There is no built site yet; run: make book"; exit 1; }
	@echo "The book is at http://127.0.0.1:$(PORT)/  (stop with Ctrl-C; another port: make serve PORT=9000)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

# Two tests side by side, one thread each; then the notebooks that have not run with their controls as they are.
test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests -m "not site" -n 2 --dist loadgroup
	$(BIN)/python scripts/execute.py --controls

test-site: $(READY)
	@test -f _build/html/index.html -a ! -f _build/unfinished || $(MAKE) book
	OMP_NUM_THREADS=1 CHROMIUM_REQUIRED=1 $(BIN)/python -m pytest tests -m site -n 2 --dist loadgroup

# Speed: what is not in the tables yet; to measure a table anew, delete its file in gan_helpers/embedded/results first.
bench: $(READY)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.minute
	$(BIN)/python -m benchmarks.levers
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python scripts/execute.py
	$(BIN)/python scripts/execute.py --record

# The training tricks, in the same way.
tricks: $(READY)
	$(BIN)/python -m benchmarks.tricks

# The student editions, from book/*/exercises.ipynb.
exercises: $(READY)
	$(BIN)/python scripts/exercises.py release

# make grade CHAPTER=gan SUBMISSIONS=folder [OUT=grades.csv]
OUT ?= grades.csv
grade: $(READY)
	@$(BIN)/python scripts/exercises.py grade --chapter "$$CHAPTER" --submissions "$$SUBMISSIONS" --out "$$OUT"
grade: export OUT := $(OUT)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

home: $(READY)
	@$(BIN)/python scripts/set_home.py  # REPO comes through the environment

clean:
	rm -rf _build .pytest_cache .ruff_cache

$(READY): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or newer is needed, but $$($(PYTHON) --version) is here. Try: make PYTHON=python3.12 book"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "The Python module venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -r requirements.txt -e '.[test]'
	@touch $(READY)
