package atomicfile

// What the package tells users. A text with values has an example above it.
const (
	// make folder: mkdir /var/reports: permission denied
	msgMakeFolder = "make folder: %w"
	// open folder: open /var/reports: permission denied
	msgOpenFolder = "open folder: %w"
	// temporary folder: mkdir /tmp: no space left on device
	msgTemporary = "temporary folder: %w"
	// "../report.csv" is not a file name
	msgNoName = "%q is not a file name"
	// 10000 files of that name: file already exists
	msgTooMany = "%d files of that name: %w"
)
