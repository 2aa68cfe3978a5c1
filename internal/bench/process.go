package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// cost is what a process took.
type cost struct {
	Seconds float64 // by the clock, from its start to its end
	MiB     int64   // the most memory that was resident, 0 where that is not known
}

// timed runs a command and prints its cost as JSON.
func timed(ctx context.Context, args []string) error {
	var said bytes.Buffer
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Stderr = &said
	command.Env = append(os.Environ(), "DINTERO_CLIENT_ID=any", "DINTERO_CLIENT_SECRET=any")
	start := time.Now()
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return json.NewEncoder(os.Stdout).Encode(cost{time.Since(start).Seconds(), resident(command.ProcessState) >> 20})
}

// measure runs a command by [timed] in a process of its own. The system counts the memory of the starting
// process as that of the started one at first, and this process holds a provider.
func measure(ctx context.Context, self string, args []string) (c cost, err error) {
	var said bytes.Buffer
	command := exec.CommandContext(ctx, self, append([]string{"timed"}, args...)...)
	command.Stderr = &said
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // so that it ends what it runs
	out, err := command.Output()
	if err != nil {
		return c, fmt.Errorf("%s", bytes.TrimSpace(said.Bytes()))
	}
	return c, json.Unmarshal(out, &c)
}
