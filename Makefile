# Needs Go and make, nothing else. `make help` lists the targets.

BIN     := .bin
PROGRAM := $(BIN)/kravia-batch
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULN    := golang.org/x/vuln/cmd/govulncheck@v1.9.0
TESTSUM := gotest.tools/gotestsum@v1.13.0
# What only the tests of the manifests need stays out of the program's go.mod.
MODULES := . samples/kubernetes
FUZZ    := 10s
KILLS     := 200
SEED      := 1
SCHEDULES := 5000
ROWS      := 100000
PAIRS     := 5
PYTHON    := python3

.DEFAULT_GOAL := help
.PHONY: help run build test race days check fmt lint vet vuln tidy samples picture torture bench growth microbench fuzz docs clean go

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: build ## rehearse samples/november.xlsx in the sandbox; again, and nothing is invoiced twice
	@$(PROGRAM) run --sandbox --state reports/.sandbox --reports reports --rate 50 --log-level warn samples/november.xlsx

build: go ## the program as one static file, .bin/kravia-batch
	@test -e $(PROGRAM) || echo "compiling the program; the first time this takes a minute or two"
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(PROGRAM) ./cmd/kravia-batch

# At its end it lists the slowest ten tests and those that were skipped, which are failures on CI.
test: go ## every test in random order
	@rm -rf $(BIN)/tests && mkdir -p $(BIN)/tests
	@code=0; for module in $(MODULES); do \
		go -C $$module run $(TESTSUM) --format pkgname --format-hide-empty-pkg \
			--jsonfile $(CURDIR)/$(BIN)/tests/$$(basename $$(realpath $$module)).json \
			-- $(RACE) -shuffle=on -timeout 20m ./... || code=1; \
	done; echo; echo "the slowest ten:"; cat $(BIN)/tests/*.json | go run $(TESTSUM) tool slowest --num 10; exit $$code
	@if [ "$(CI)" = true ] && grep '"Action":"skip".*"Test":' $(BIN)/tests/*.json; then echo "these tests were skipped"; exit 1; fi

race: ## every test with the race detector, which needs a C compiler and several times as long
	@$(MAKE) --no-print-directory test RACE=-race

days: go ## every test on other days and in other time zones
	go test -tags days -run '^TestOnOtherDays$$' -count=1 -timeout 60m -v ./cmd/kravia-batch

# Go 1.21 and newer fetch the version that go.mod asks for.
go:
	@case "$$(GOTOOLCHAIN=local go version 2>/dev/null)" in \
	*" go1.2"[1-9]* | *" go1."[3-9][0-9]* | *" devel "*) ;; \
	*) echo "Go 1.21 or newer is needed, found: $$(GOTOOLCHAIN=local go version 2>/dev/null || echo none)"; exit 1 ;; \
	esac

check: fmt tidy vet lint test race vuln build ## all that a change must pass

fmt:
	@test -z "$$(gofmt -l cmd internal samples)" || { gofmt -d cmd internal samples; exit 1; }

tidy:
	@for module in $(MODULES); do go -C $$module mod tidy -diff || exit 1; done

vet:
	@for module in $(MODULES); do go -C $$module vet ./... || exit 1; done

lint:
	@for module in $(MODULES); do go -C $$module run $(LINT) run || exit 1; done

# Exit code 3 is a vulnerability. Without a network the database cannot be read, which is said and is no failure.
vuln:
	@GOBIN=$(CURDIR)/$(BIN) go install $(VULN)
	@for module in $(MODULES); do \
		code=0; $(BIN)/govulncheck -C $$module -test ./... || code=$$?; case $$code in \
		0) ;; \
		3) exit 3 ;; \
		*) echo "WARNING: vulnerabilities were NOT checked in $$module, see above" ;; esac; \
	done

samples: ## make samples/november.xlsx, samples/CODES.md, MESSAGES.md, the pages' tables and reports/samples anew
	go test ./cmd/kravia-batch -run '^Test(Samples|CodesPage|ColumnTables|LifeOnThePage|MessagesPage)$$' -count=1 -update
	@$(MAKE) --no-print-directory picture

# The first page of the sample's workbook, without the empty foot of the sheet of paper.
picture: ## make reports/samples/november.png anew, with LibreOffice and poppler
	@if command -v soffice >/dev/null && command -v pdftoppm >/dev/null; then \
		dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
		soffice -env:UserInstallation="file://$$dir/profile" --headless --convert-to pdf --outdir "$$dir" reports/samples/november.xlsx >/dev/null 2>&1 && \
		pdftoppm -r 90 -png -singlefile -x 0 -y 42 -W 744 -H 860 "$$dir/november.pdf" reports/samples/november; \
	else echo "SKIPPED: soffice and pdftoppm are needed to make reports/samples/november.png anew"; fi

torture: ## kill the program KILLS times, chosen by SEED, on both journals; then SCHEDULES schedules of faults
	TEST_KILLS=$(KILLS) TEST_SEED=$(SEED) \
		go test -count=1 -v -timeout 2h -run '^TestKilledAtManyPoints$$' ./internal/batch
	go test -count=1 -timeout 2h -run '^TestAnyFaultsThenCleanRuns$$' ./internal/dispatch -rapid.checks=$(SCHEDULES)

# Without openpyxl and XlsxWriter in PYTHON its programs are left out.
bench: build ## cost beside peers: time and memory of whole processes, PAIRS of them, with ROWS rows
	@go build -o $(BIN)/bench ./internal/bench
	@$(BIN)/bench -program $(PROGRAM) -rows $(ROWS) -pairs $(PAIRS) -python $(PYTHON)

growth: build ## cost of ROWS rows, and of ten times as many
	@go build -o $(BIN)/bench ./internal/bench
	@$(BIN)/bench -program $(PROGRAM) -rows $(ROWS) -pairs 1 -growth

microbench: ## cost of single functions
	go test -run '^$$' -bench . -benchmem ./internal/...

fuzz: ## every fuzz test for a short while, FUZZ=1m for longer
	@for package in $$(go list ./...); do \
		for name in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZ) -fuzzminimizetime 1x $$package || exit 1; \
		done; \
	done

docs: ## man pages into .bin/man, and what each package is for; `go doc ./internal/NAME` tells more
	@go test ./cmd/kravia-batch -run '^TestManPages$$' -count=1 -update >/dev/null
	@ls $(BIN)/man
	@go list -f '{{.ImportPath}}: {{.Doc}}' ./...

clean: ## remove what was built and the rehearsal's state, but no report
	rm -rf $(BIN) reports/.sandbox
