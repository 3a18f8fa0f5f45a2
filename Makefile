# make TARGET is python3 make.py TARGET, which holds what each target does; make alone lists them.
PYTHON ?= python3

# Every goal is handed on, also one that is the name of a folder. Settings (PORT=9000) go through the environment.
.PHONY: help $(MAKECMDGOALS)
.NOTPARALLEL:
help $(filter-out help,$(MAKECMDGOALS)):
	@$(PYTHON) make.py '$@'
