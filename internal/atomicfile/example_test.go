package atomicfile_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kraviabatch/internal/atomicfile"
)

// A second file of a name stands beside the first.
func ExampleCreate() {
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, text := range []string{"first", "second"} {
		path, err := atomicfile.Create(dir, "november.csv", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		fmt.Println(filepath.Base(path), err)
	}
	// Output:
	// november.csv <nil>
	// november-2.csv <nil>
}

// A writer that fails leaves the old content.
func ExampleReplace() {
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(atomicfile.Replace(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "ne")
		return io.ErrShortWrite
	}))
	content, err := os.ReadFile(path)
	fmt.Println(string(content), err)
	// Output:
	// write plan.json: short write
	// old <nil>
}
