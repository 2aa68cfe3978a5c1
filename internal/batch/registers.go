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

// register is an input that the profile looks rows up in.
type register struct{ name, path string }

// byKind tells files of lines from those of registers, which come in the order of their names. registerOf
// gives the register whose file a path is, "" for lines. Two files for one register, and registers alone, are
// refused with an [*intake.Error].
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
				Message: fmt.Sprintf("%s and %s are both register %s of the profile", registers[i].path, path, name),
				Hint:    "give one of them",
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
		all[i] = fmt.Sprintf("%s is register %s", filepath.Base(r.path), r.name)
	}
	return nil, nil, &intake.Error{
		File: filepath.Base(registers[0].path), Code: "file.not_found",
		Message: "no file of lines is given: by the profile " + strings.Join(all, " and "),
		Hint:    "give the file with the lines too",
	}
}

// given is an input that was opened, with how its columns were understood.
type given struct {
	path string
	journal.File
	columns []intake.ColumnUse
}

// kind says for people what an input is read as.
func (g given) kind() string {
	if g.Register == "" {
		return "lines"
	}
	return "register " + g.Register
}

// meet takes an input that was opened, with its notices. It refuses one with the bytes of another.
func (r *Reading) meet(second given, notices []string) error {
	for _, first := range r.given {
		switch {
		case first.SHA256 != second.SHA256:
		case first.Register == "" && second.Register == "":
			return intake.Twice(first.path, second.path)
		default:
			return &intake.Error{
				File: filepath.Base(second.path), Code: "file.twice",
				Message: fmt.Sprintf("%s and %s have the same content, and one is read as %s, the other as %s",
					first.path, second.path, first.kind(), second.kind()),
				Hint: "give each its own file",
			}
		}
	}
	r.given = append(r.given, second)
	for _, notice := range notices {
		r.Notices = append(r.Notices, second.Name+": "+notice)
	}
	return nil
}

// readRegister opens a register, which is given to every file of lines that is opened after it.
func (r *Reading) readRegister(ctx context.Context, of register) error {
	opened, err := intake.OpenRegister(ctx, of.path, of.name, r.options())
	if err != nil {
		return err
	}
	return r.addRegister(of.path, opened)
}

func (r *Reading) addRegister(path string, of *intake.Register) error {
	r.registers = append(r.registers, of)
	return r.meet(
		given{path, journal.File{Name: of.File, SHA256: of.SHA256, Rows: of.Rows, Register: of.Name}, of.Columns},
		of.Notices)
}

// linesOf are the files that hold lines.
func linesOf(files []journal.File) []journal.File {
	return slices.DeleteFunc(slices.Clone(files), func(f journal.File) bool { return f.Register != "" })
}
