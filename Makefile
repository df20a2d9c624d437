# make run     set up what is missing (Chromium, .venv, the package) and serve on PORT (3000)
# make test    the same set-up, then the tests, JOBS (2) files at a time; ARGS="-k sse" goes to pytest
# make lint    ruff, mypy and the borders between the rooms
# make bench   the benchmarks against playwright and raw Chromium; ARGS="--only memory" picks a part
# make soak    mixed reads, leaving clients and faults for SECONDS (90), then all is as before
# make fuzz    random bytes into decoders and writers, EACH seconds (10) for each of them
# make quality the main content on annotated pages (READER_SHARED) against its goals; ARGS="--check" holds the floors
# make clean   remove .venv, caches and results

PORT ?= 3000
BIN := .venv/bin
ARGS ?=
JOBS ?= 2
SECONDS ?= 90
EACH ?= 10

.PHONY: run test lint bench soak fuzz quality clean

run:
	@scripts/setup
	@exec $(BIN)/reader-stream serve --port $(PORT)

test:
	@scripts/setup test
	$(BIN)/pytest -n $(JOBS) --dist loadfile $(ARGS)

lint:
	@scripts/setup test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench:
	@scripts/setup bench
	$(BIN)/python -m benchmarks $(ARGS)

soak:
	@scripts/setup test
	$(BIN)/python -m benchmarks.soak --seconds $(SECONDS) $(ARGS)

fuzz:
	@scripts/setup test
	$(BIN)/python -m tests.fuzz --seconds $(EACH) $(ARGS)

quality:
	@scripts/setup test
	$(BIN)/python -m benchmarks.extraction.quality $(ARGS)

clean:
	rm -rf .venv dist build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
