package atomicfile

// What the package tells users. A text with values has an example above it.
const (
	// "../report.csv" is not a file name
	msgNoName = "%q is not a file name"
	// 10000 files of that name: file already exists
	msgTooMany = "%d files of that name: %w"
)
