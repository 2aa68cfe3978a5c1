// Bench measures what the program costs beside its peers, on the machine where it runs: time by the clock and
// the most memory that was resident, of whole processes.
//
//	bench -program PATH [-rows N] [-pairs N] [-growth]
//
// In each round the program and its peers run in turn, on the same data. A ratio is the program's time
// divided by its peer's in the same round, and the median over the rounds: a machine that is slow for a while
// slows both of a round. The output is Markdown.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"time"
)

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(args []string, out io.Writer) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if len(args) > 0 && peers()[args[0]] != nil {
		return peers()[args[0]](ctx, args[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	program := flags.String("program", ".bin/kravia-batch", "the program that is measured")
	rows := flags.Int("rows", 100_000, "rows of the data")
	pairs := flags.Int("pairs", 5, "rounds")
	growth := flags.Bool("growth", false, "without peers: so many rows, and ten times as many")
	interpreter := flags.String("python", "python3", "Python with openpyxl and XlsxWriter")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rows < 1 || *pairs < 1 {
		return errors.New("-rows and -pairs begin at 1")
	}
	if *growth {
		return printGrowth(ctx, out, *program, *rows, *pairs)
	}
	python, missing := findPython(ctx, *interpreter)
	costs, err := measured(ctx, *program, python, *rows, *pairs, false)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows, medians of %d, %s:\n\n", *rows, *pairs, machine())
	printRatios(out, costs)
	if missing != "" {
		fmt.Fprintf(out, "\nPython was left out: %s.\n", missing)
	}
	return nil
}

// measured gives what every process cost in each of the rounds.
func measured(ctx context.Context, program, python string, rows, rounds int, alone bool) (map[string][]cost, error) {
	l, err := newLab(program, python, rows, alone)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.close() }() // in the system's temporary folder
	for n := range rounds {
		log.Printf("%d rows, round %d of %d", rows, n+1, rounds)
		if err := l.round(ctx); err != nil {
			return nil, err
		}
	}
	return l.costs, nil
}

// printRatios prints the program beside its peers, each with the largest ratio that is the aim.
func printRatios(out io.Writer, costs map[string][]cost) {
	fmt.Fprintln(out, "| the program | s | MiB | beside | s | MiB | ratio | aim |\n|---|--:|--:|---|--:|--:|--:|--:|")
	for _, c := range []struct{ own, peer, most string }{
		{checkCSV, bareCSV, "8"},
		{checkCSV, bareGocsv, ""},
		{checkCSV, pythonCSV, "1.3"},
		{checkXLSX, bareXLSX, "0.6"},
		{checkXLSX, pythonXLSX, ""},
		{sending, bareClient, "2"},
		{reporting, streamCells, "1"},
		{wholeRun, wholePython, "0.2"},
	} {
		if own, peer := costs[c.own], costs[c.peer]; len(peer) > 0 {
			fmt.Fprintf(out, "| %s | %s | %s | %s | %.2f | %s |\n", c.own, middle(own), c.peer, middle(peer),
				ratio(own, peer), c.most)
		}
	}
}

// printGrowth measures the program at the number of rows and at ten times as many.
func printGrowth(ctx context.Context, out io.Writer, program string, rows, rounds int) error {
	small, err := measured(ctx, program, "", rows, rounds, true)
	if err != nil {
		return err
	}
	large, err := measured(ctx, program, "", 10*rows, rounds, true)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d and %d rows, medians of %d, %s:\n\n", rows, 10*rows, rounds, machine())
	fmt.Fprintln(out,
		"| the program | s | MiB | ten times the rows: s | MiB | ratio | aim |\n|---|--:|--:|--:|--:|--:|--:|")
	for _, own := range []string{checkCSV, checkXLSX, sending, reporting, wholeRun} {
		fmt.Fprintf(out, "| %s | %s | %s | %.1f | 11 |\n", own, middle(small[own]), middle(large[own]),
			ratio(large[own], small[own]))
	}
	return nil
}

// middle is the median cost in two cells: seconds and MiB.
func middle(costs []cost) string {
	seconds, memory := make([]float64, len(costs)), make([]int64, len(costs))
	for i, c := range costs {
		seconds[i], memory[i] = c.Seconds, c.MiB
	}
	if m := median(memory); m > 0 {
		return fmt.Sprintf("%.2f | %d", median(seconds), m)
	}
	return fmt.Sprintf("%.2f | –", median(seconds))
}

// ratio is the median of the ratios of the rounds.
func ratio(of, to []cost) float64 {
	all := make([]float64, len(of))
	for i := range of {
		all[i] = of[i].Seconds / to[i].Seconds
	}
	return median(all)
}

func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// machine is where and when the figures were measured.
func machine() string {
	model := runtime.GOARCH
	info, _ := os.ReadFile("/proc/cpuinfo") // of Linux
	if found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(info); found != nil {
		model = string(found[1])
	}
	return fmt.Sprintf("%d processors (%s), %s, %s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.Version(),
		time.Now().Format(time.DateOnly))
}
