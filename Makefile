# make TARGET is python3 make.py TARGET, which holds what each target does; make alone lists them.
PYTHON ?= python3

# Settings after make arrive as they were typed, a $ in them too: COLUMN='costs $5'.
as_typed = $(eval override $1 := $$(value $1))$(eval export $1)
$(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(call as_typed,$(name))))

# Every goal is handed on, also one that is the name of a folder. Settings (PORT=9000) go through the environment.
.PHONY: help $(MAKECMDGOALS)
.NOTPARALLEL:
help $(filter-out help,$(MAKECMDGOALS)):
	@$(PYTHON) make.py '$@'
