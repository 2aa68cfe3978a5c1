package fault

// What the package tells users. A text with values has an example above it.
const (
	// this is a fault of the program, please report it: runtime error: index out of range [3] with length 3
	msgFault = "this is a fault of the program, please report it: %v"
)
