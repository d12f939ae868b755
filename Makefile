# Each target is one line of tools/do.py, which also runs without make.
PYTHON ?= python3

.PHONY: demo test check mutants screens docs benchmarks
demo test check mutants screens docs benchmarks:
	@$(PYTHON) tools/do.py $@
