package fault_test

import (
	"fmt"

	"kraviabatch/internal/fault"
)

func ExampleRun() {
	err := fault.Run(func() error {
		var vat map[string]int
		vat["NO"] = 25 //nolint:staticcheck // a nil map takes no entries
		return nil
	})
	fmt.Println(err)
	// Output: this is a fault of the program, please report it: assignment to entry in nil map
}
