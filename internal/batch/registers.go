package batch

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
)

// register is an input file in which the profile looks rows up.
type register struct{ name, path string }

// byKind divides paths into files of lines and registers, which come in the order of their names. registerOf gives the
// name of the register whose file a path is, "" for lines. Two files for one register, and registers without lines,
// are refused with an [*intake.Error].
func byKind(paths []string, registerOf func(path string) string) (lines []string, registers []register, err error) {
	for _, path := range paths {
		name := registerOf(path)
		if name == "" {
			lines = append(lines, path)
			continue
		}
		if i := slices.IndexFunc(registers, func(r register) bool { return r.name == name }); i >= 0 {
			return nil, nil, &intake.Error{
				File: filepath.Base(path), Code: "register.files",
				Message: fmt.Sprintf(msgTwoForRegister, registers[i].path, path, name), Hint: hintTwoForRegister,
			}
		}
		registers = append(registers, register{name, path})
	}
	slices.SortFunc(registers, func(a, b register) int { return cmp.Compare(a.name, b.name) })
	if len(lines) > 0 || len(registers) == 0 {
		return lines, registers, nil
	}
	all := make([]string, len(registers))
	for i, r := range registers {
		all[i] = fmt.Sprintf(msgIsRegister, filepath.Base(r.path), r.name)
	}
	return nil, nil, &intake.Error{
		File: filepath.Base(registers[0].path), Code: "file.not_found",
		Message: fmt.Sprintf(msgNoLines, strings.Join(all, " and ")), Hint: hintNoLines,
	}
}

// opened is an input that was opened, with how its columns were understood.
type opened struct {
	path string
	journal.File
	columns []intake.ColumnUse
}

// kind says for users what an input is read as.
func (o opened) kind() string {
	if o.Register == "" {
		return "lines"
	}
	return "register " + o.Register
}

// add takes an input that was opened, with its notices. It refuses one with the same bytes as another.
func (r *Reading) add(second opened, notices []string) error {
	for _, first := range r.opened {
		switch {
		case first.SHA256 != second.SHA256:
		case first.Register == "" && second.Register == "":
			return intake.Twice(first.path, second.path)
		default:
			return &intake.Error{
				File: filepath.Base(second.path), Code: "file.twice",
				Message: fmt.Sprintf(msgTwoKinds, first.path, second.path, first.kind(), second.kind()),
				Hint:    hintTwoKinds,
			}
		}
	}
	r.opened = append(r.opened, second)
	for _, notice := range notices {
		r.Notices = append(r.Notices, second.Name+": "+notice)
	}
	return nil
}

// readRegister opens a register. The files of lines that are opened after it look rows up in it.
func (r *Reading) readRegister(ctx context.Context, of register) error {
	register, err := intake.OpenRegister(ctx, of.path, of.name, r.options())
	if err != nil {
		return err
	}
	return r.addRegister(of.path, register)
}

func (r *Reading) addRegister(path string, of *intake.Register) error {
	r.registers = append(r.registers, of)
	file := journal.File{Name: of.File, SHA256: of.SHA256, Rows: of.Rows, Register: of.Name}
	return r.add(opened{path, file, of.Columns}, of.Notices)
}

// linesOf are the files that hold lines.
func linesOf(files []journal.File) []journal.File {
	return slices.DeleteFunc(slices.Clone(files), func(f journal.File) bool { return f.Register != "" })
}
