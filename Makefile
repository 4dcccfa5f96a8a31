# The usual words for the usual things. Each calls the script that does it.

.PHONY: build run test fast lint format bench fuzz sim clean

build:
	tools/setup

run:
	./run

test:
	./test

fast:
	./test --fast

lint:
	./test --only check --only tidy

# Needs tools/setup --test once, for clang-format-19.
format:
	git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' | xargs -0 clang-format-19 -i

bench: build
	build/release/punctual bench

# Minutes instead of ./test's seconds: make fuzz SECONDS_EACH=600
SECONDS_EACH ?= 120
fuzz:
	PUNCTUAL_FUZZ_SECONDS=$(SECONDS_EACH) ./test --only fuzz

sim:
	./test --only sim

clean:
	rm -rf build
