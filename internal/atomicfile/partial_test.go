package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be the other process of TestSweep.
func TestMain(m *testing.M) {
	if os.Getenv("ATOMICFILE_WRITES") != "" {
		os.Exit(writing("."))
	}
	os.Exit(m.Run())
}

// writing makes a file with a private folder beside it, says so when half of it is there, and goes on when
// its input ends.
func writing(dir string) int {
	_, err := Create(dir, "report.csv", func(w io.Writer) error {
		private, remove, err := PrivateFolder(dir)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(private, "sheet.xml"), []byte("Kari Nordmann"), 0o600); err != nil {
			return err
		}
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		fmt.Println("half")
		if _, err := io.ReadAll(os.Stdin); err != nil {
			return err
		}
		return remove()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// startWriting gives a process that has half of a file in dir. Closing its input lets it finish.
func startWriting(t *testing.T, dir string) (*exec.Cmd, io.Closer) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), "ATOMICFILE_WRITES=1"), os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "half\n", line)
	return cmd, in
}

// partials are the names of partial files and folders in dir.
func partials(t *testing.T, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(namesIn(t, dir), func(name string) bool { return !strings.HasPrefix(name, partialPrefix) })
}

// What a killed process left is removed, what a living one is making stays and is finished.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, partialPrefix+"notes.txt"), nil, 0o600))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, partialPrefix+"link"+partialSuffix)))
	others := partials(t, dir)

	killed, _ := startWriting(t, dir)
	dead := partials(t, dir)
	require.Len(t, dead, len(others)+2, "a file and a folder")
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())
	require.Equal(t, dead, partials(t, dir), "a killed process removes nothing")

	living, in := startWriting(t, dir)
	require.Len(t, partials(t, dir), len(others)+4)
	Sweep(dir)
	left := partials(t, dir)
	require.Len(t, left, len(others)+2)
	for _, name := range dead {
		require.True(t, slices.Contains(others, name) || !slices.Contains(left, name), "%s is the dead one's", name)
	}

	require.NoError(t, in.Close())
	require.NoError(t, living.Wait())
	require.Equal(t, others, partials(t, dir))
	info, err := os.Stat(filepath.Join(dir, "report.csv"))
	require.NoError(t, err)
	require.EqualValues(t, 1<<20, info.Size())
}

// Files that are begun while others sweep are all finished.
func TestSweepWhileOthersBegin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var writers, sweeper sync.WaitGroup
	done := make(chan struct{})
	sweeper.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				Sweep(dir)
			}
		}
	})
	for range 4 {
		writers.Go(func() {
			for range 100 {
				if _, err := Create(dir, "a.txt", content("whole")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	sweeper.Wait()
	names := namesIn(t, dir)
	require.Len(t, names, 400)
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, "whole", string(data))
	}
}
