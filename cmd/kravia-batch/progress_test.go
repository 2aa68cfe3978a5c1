package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
)

// Without a terminal a stage is told every 5 % or 10 s, and a short one not at all.
func TestProgressIsLogged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stage       batch.Stage
		steps, of   int
		each        time.Duration
		lines       int
		first, last string
	}{
		"every 5 %": {
			batch.StageReading, 100, 100, time.Second, 20, "stage=reading done=5 of=100",
			"stage=reading done=100 of=100",
		},
		"every 10 s": {
			batch.StageDocuments, 10, 10, 11 * time.Second, 9, "stage=documents done=2 of=10",
			"stage=documents done=10 of=10",
		},
		"not too often": {
			batch.StageReport, 1000, 1000, 5 * time.Millisecond, 4, "stage=report done=201 of=1000",
			"stage=report done=801 of=1000",
		},
		"unknown end": {
			batch.StageReading, 25, 0, time.Second, 2, "stage=reading done=11\n",
			"stage=reading done=21\n",
		},
		"short": {batch.StageChecking, 1000, 1000, time.Microsecond, 0, "", ""},
		"orders, at last": {
			batch.StageSending, 3, 3, time.Microsecond, 1,
			"stage=sending done=3 of=3 accepted=3 in_doubt=0", "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				p := newProgress(&environment{})
				p.log = slog.New(slog.NewTextHandler(&log, nil))
				p.orders = tt.of
				for done := range tt.steps {
					if tt.stage == batch.StageSending {
						p.concluded(billing.Invoiced)
					} else {
						p.at(tt.stage, done+1, tt.of)
					}
					time.Sleep(tt.each) // virtual
				}
				lines := strings.SplitAfter(log.String(), "\n")
				require.Len(t, lines, tt.lines+1, log.String())
				require.Contains(t, lines[0], tt.first)
				if tt.last != "" {
					require.Contains(t, lines[tt.lines-1], tt.last)
				}
			})
		})
	}
}

// onScreen is what a terminal shows of a text in the end, without spaces at the ends of lines.
func onScreen(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var cells []rune
		at := 0
		for _, r := range line {
			if r == '\r' {
				at = 0
				continue
			}
			if at == len(cells) {
				cells = append(cells, ' ')
			}
			cells[at] = r
			at++
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return lines
}

// The bar gives way to what else is written, and is gone when its stage has ended.
func TestProgressBar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var screen bytes.Buffer
		p := newProgress(&environment{stderr: &screen, terminal: true})
		step := func(stage batch.Stage, done, total int) {
			time.Sleep(time.Second) // virtual
			p.at(stage, done, total)
		}
		step(batch.StageReading, 1, 0)
		require.Equal(t, []string{""}, onScreen(screen.String()), "a short stage shows nothing")
		step(batch.StageReading, 2, 0)
		require.Regexp(t, `^. reading \(2/-\) \[1s\]$`, onScreen(screen.String())[0])
		step(batch.StageSending, 1, 30)
		step(batch.StageSending, 3, 30)
		require.Equal(t, []string{"sending  10% |██                  | (3/30) [1s:9s]"}, onScreen(screen.String()))
		fmt.Fprintln(behind{p, &screen}, "a note")
		step(batch.StageSending, 6, 30)
		require.Equal(t, []string{"a note", "sending  20% |████                | (6/30) [2s:8s]"},
			onScreen(screen.String()))
		step(batch.StageReport, 2, 4)
		step(batch.StageReport, 3, 4)
		step(batch.StageReport, 2, 4)
		step(batch.StageReport, 3, 4)
		require.Equal(t, []string{"a note", "report  75% |███████████████     | (3/4) [1s:0s]"},
			onScreen(screen.String()), "a second time over the rows")
		step(batch.StageReport, 4, 4)
		require.Equal(t, []string{"a note", ""}, onScreen(screen.String()))
		require.NotContains(t, screen.String(), "\x1b", "neither colours nor other codes")
	})
}

// On a terminal a run tells problems as check does, once and before the summary; elsewhere it logs where they are.
func TestProblemsOfARun(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		terminal bool
		more     []string
		words    bool
	}{
		"terminal":         {true, nil, true},
		"JSON":             {true, []string{"--json"}, true},
		"quiet":            {true, []string{"--quiet"}, false},
		"without a screen": {false, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out, diagnostics bytes.Buffer
			args := append([]string{"run", "--sandbox", "--rate", "0", "--state", dir, "--reports", dir}, tt.more...)
			code := run(context.Background(), append(args, filepath.Join(samples, "problems.csv")), &environment{
				getenv: func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] },
				stdin:  &bytes.Buffer{}, stdout: &out,
				stderr: &diagnostics, terminal: tt.terminal,
			})
			require.Equal(t, 3, code, diagnostics.String())
			times := func(text string) int { return strings.Count(diagnostics.String(), text) }
			require.Equal(t, tt.words, times("error email.invalid, 1 time\n  problems.csv row 38, email: ") == 1)
			require.Equal(t, tt.words, times("warning row.duplicate, ") == 1)
			require.Equal(t, tt.words, times("order cannot be sent") == 0)
			require.Equal(t, !tt.words, times("fix: ") == 0)
			require.NotContains(t, out.String(), "error email.invalid,")
		})
	}
}
