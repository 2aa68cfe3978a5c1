package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for i, want := range []string{"a.csv", "a-2.csv", "a-3.csv"} {
		path, err := Create(dir, "a.csv", content(strings.Repeat("x", i+1)))
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, want), path)
	}
	first, err := os.ReadFile(filepath.Join(dir, "a.csv"))
	require.NoError(t, err)
	require.Equal(t, "x", string(first))
	require.Equal(t, []string{"a-2.csv", "a-3.csv", "a.csv"}, namesIn(t, dir))
	info, err := os.Stat(filepath.Join(dir, "a.csv"))
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o007, "others may not read personal data")
}

func TestCreateManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := Create(dir, "same.json", content("whole"))
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	names := namesIn(t, dir)
	require.Len(t, names, 20)
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, "whole", string(data))
	}
}

func TestCreateLeavesNothingOnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full := errors.New("no space left")
	path, err := Create(dir, "a.xlsx", func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("half", 1<<20))
		return full
	})
	require.ErrorIs(t, err, full)
	require.Empty(t, path)
	require.Empty(t, namesIn(t, dir))
}

func TestCreateDoesNotFollowLinks(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	require.NoError(t, os.WriteFile(outside, []byte("precious"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "a.csv")))
	require.NoError(t, os.Symlink(filepath.Join(t.TempDir(), "missing"), filepath.Join(dir, "a-2.csv")))
	path, err := Create(dir, "a.csv", content("report"))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "a-3.csv"), path)
	data, err := os.ReadFile(outside)
	require.NoError(t, err)
	require.Equal(t, "precious", string(data))
}

func TestCreateRefusesPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "..", "../a", "a/b", "/etc/a"} {
		_, err := Create(t.TempDir(), name, content("x"))
		require.ErrorContains(t, err, "is not a file name")
	}
}

func TestCreateInFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	_, err := Create(filepath.Join(dir, "file"), "a.csv", content("x"))
	require.ErrorContains(t, err, "make folder")
	closed := filepath.Join(dir, "closed")
	require.NoError(t, os.Mkdir(closed, 0o500))
	if os.Geteuid() == 0 { // for whom every folder of a disk is open
		closed = "/proc/self"
	}
	_, err = Create(closed, "a.csv", content("x"))
	require.ErrorContains(t, err, "write a.csv")
}

func TestReserve(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, root.Close()) }()
	require.NoError(t, root.WriteFile("temp", []byte("new"), 0o600))
	require.NoError(t, root.WriteFile("taken", []byte("old"), 0o600))
	require.ErrorIs(t, reserve(root, "temp", "taken"), os.ErrExist)
	require.NoError(t, reserve(root, "temp", "free"))
	require.Equal(t, []string{"free", "taken"}, namesIn(t, dir))
	require.ErrorIs(t, reserve(root, "temp", "other"), os.ErrNotExist)
	require.Equal(t, []string{"free", "taken"}, namesIn(t, dir), "the reserved name is given back")
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
