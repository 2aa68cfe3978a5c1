package intake

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// Join is a register as the profile declares it: which table it is, its key, and what looks the key up.
type Join struct {
	Name     string
	File     string         // pattern for the name of another FILE; "" for a table in the file of the lines
	Sheet    string         // of the workbook; "" and no File for rows among the lines
	Only     *Expression    // which rows of the table belong to the register, nil for all
	Key      reference      // the header of the key
	By       *Expression    // gives the key of a line; nil where ByColumn gives it
	ByColumn billing.Column // the column whose value is the key, 0 for none
	Input    Input          // how the file of the register is written
}

// inLines reports a register whose rows stand among the lines.
func (j *Join) inLines() bool { return j.File == "" && j.Sheet == "" }

// Register is a table whose rows are looked up by key, such as the customers of the lines. [OpenRegister] reads it; the
// caller must close it.
//
// Its rows are in a working file, for there may be as many as lines. In memory it keeps 16 bytes of each row, and the
// rows that were looked up last.
type Register struct {
	Name    string // as the profile has it
	File    string // base name
	Path    string
	SHA256  string      // hex, of the file's bytes
	Rows    int         // records
	Columns []ColumnUse // how each column of the file is used
	Notices []string    // what was decided while reading

	rule    *Join
	sheet   string
	columns []column // those that the profile names, the key first
	seed    maphash.Seed
	index   []entryAt               // sorted by hash
	store   *os.File                // the working file
	formats []*xlsx.Format          // of cells in the working file, which has their index
	seen    map[string]lookup       // the last rows that were looked up, by key
	unclear map[int]billing.Problem // by row number: why only has no value there
	missing int                     // keys that were not found
	encoded []byte                  // buffer
}

// entryAt is the offset of a row in the working file, with the hash of its key.
type entryAt struct {
	hash uint64
	at   int64
}

// RegisterOf is the name of the register whose file the path is, by its pattern, and "" for a file of lines.
func (p *Profile) RegisterOf(path string) string {
	for _, j := range p.orNone().Registers {
		if j.File != "" && path != Stdin && matchesFile(j.File, filepath.Base(path)) {
			return j.Name
		}
	}
	return ""
}

// sheetOfRegister reports whether a sheet of the workbook with the lines is a register.
func (p *Profile) sheetOfRegister(sheet string) bool {
	return slices.ContainsFunc(p.orNone().Registers, func(j Join) bool {
		return j.File == "" && j.Sheet != "" && strings.EqualFold(strings.TrimSpace(j.Sheet), strings.TrimSpace(sheet))
	})
}

// join is the register of a name, nil for none.
func (p *Profile) join(name string) *Join {
	i := slices.IndexFunc(p.orNone().Registers, func(j Join) bool { return j.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Registers[i]
}

// of are the different references of the profile to cells of a register. A stored row has its cells in this order.
func (p *Profile) of(register string) []reference {
	var all []reference
	for x := range p.expressions() {
		for _, r := range x.references {
			if r.register == register && !slices.ContainsFunc(all, r.same) {
				all = append(all, r)
			}
		}
	}
	return all
}

// OpenRegister reads a file as the profile's register of that name. The error is an *[Error] when the file is refused.
func OpenRegister(ctx context.Context, path, name string, options Options) (*Register, error) {
	j := options.Profile.join(name)
	if j == nil {
		return nil, fmt.Errorf(msgRegisterUnknown, name)
	}
	own := options.Profile.ofRegister(j)
	f := newFile(path, options)
	defer func() { _ = f.Close() }() // read only
	if err := f.open(ctx); err != nil {
		return nil, f.placed(err)
	}
	store, err := os.CreateTemp(options.TmpDir, "kravia-batch-*") // the working file
	if err != nil {
		return nil, fmt.Errorf(msgRegisterStore, err)
	}
	_ = os.Remove(store.Name()) // where the system allows that, it deletes the file when it is closed
	r := &Register{
		Name: j.Name, File: f.Name, Path: f.Path, rule: j, store: store, seed: maphash.MakeSeed(),
		seen: map[string]lookup{}, unclear: map[int]billing.Problem{},
		columns: make([]column, 1+len(options.Profile.of(j.Name))),
	}
	if err := r.read(ctx, f, own, options.Profile); err != nil {
		_ = r.Close() // the refusal is what matters
		return nil, f.placed(err)
	}
	return r, nil
}

// ofRegister is the profile by which a register is read: the lines' one, with only the headers that it names of it.
func (p *Profile) ofRegister(j *Join) *Profile {
	own := &Profile{Name: p.Name, Input: j.Input, Only: j.Only, Prices: p.Prices, Minor: p.Minor, register: true}
	own.needs = []need{{what: fmt.Sprintf(msgRegisterKeyOf, j.Name), reference: j.Key, kind: billing.Identifier}}
	for _, r := range p.of(j.Name) {
		there := reference{header: r.header, nth: r.nth}
		own.needs = append(own.needs, need{what: p.usesOf(r), reference: there, kind: p.readAs(r)})
	}
	own.needs = append(own.needs, needsOf(fmt.Sprintf(msgRegisterOnlyOf, j.Name), j.Only, billing.Text)...)
	if j.inLines() {
		own.Input = p.Input
	}
	own.Input.Sheet = cmp.Or(own.Input.Sheet, j.Sheet)
	return own
}

// Close deletes the working file.
func (r *Register) Close() error {
	if r.store == nil {
		return nil
	}
	err := r.store.Close()
	_ = os.Remove(r.store.Name()) // for systems that cannot remove an open file
	return err
}

// read surveys the file and stores its rows. own is the profile of the register, lines that of the lines.
func (r *Register) read(ctx context.Context, f *File, own, lines *Profile) error {
	if err := f.survey(ctx, own); err != nil {
		return err
	}
	r.SHA256, r.Rows, r.sheet, r.Columns, r.Notices = f.SHA256, f.Rows, f.Tables[0].Sheet, f.Columns, f.Notices
	at, err := r.bind(&f.layout, f.Tables[0].Header, lines)
	if err != nil {
		return inSheet(err, r.sheet)
	}
	in, err := f.filter()
	if err != nil {
		return err
	}
	defer in.stop()
	keep, rows := r.keeper(at), 0
	err = each(ctx, in, func(row *row) error {
		rows++
		return keep.row(in.cut(row))
	})
	if err == nil {
		err = keep.finish()
	}
	if err == nil && rows != f.Rows {
		err = changed()
	}
	return inSheet(cmp.Or(err, f.unchanged()), r.sheet)
}

// bind finds the key and the columns that the profile names. at are their indices, the key first.
func (r *Register) bind(table *layout, header []string, lines *Profile) (at []int, err error) {
	for i, want := range append([]reference{r.rule.Key}, lines.of(r.Name)...) {
		found, err := want.find(header)
		if err != nil {
			return nil, notThere(err, fmt.Sprintf(msgRegisterLooksUp, lines.Name, want.header, r.Name), header)
		}
		at, r.columns[i] = append(at, found), table.columns[found]
		if c := &r.columns[i]; c.unit.currency == "" && isNumeric(c.as) {
			c.unit.currency = table.currency // of all amounts, as a row above the header says
		}
	}
	return at, nil
}

// column is the column of a reference, by its index in the profile's references to the register.
func (r *Register) column(i int) *column { return &r.columns[i+1] }

// keeper writes rows to the working file. A row is its length, its number, and its cells with kind, format and value.
type keeper struct {
	*Register
	at   []int
	days []bool // which of at are read as dates
	out  *bufio.Writer
	size int64
}

func (r *Register) keeper(at []int) *keeper {
	k := &keeper{Register: r, at: at, out: bufio.NewWriterSize(r.store, readBlock)}
	for i := range at {
		k.days = append(k.days, r.columns[i].as == billing.Day)
	}
	return k
}

// row stores the cells that the profile names. A row without a key cannot be looked up and is not stored.
func (k *keeper) row(in *row) error {
	key := keyOf(in.cellAt(k.at[0]))
	if key == "" {
		return nil
	}
	if in.problem.Code != "" {
		k.unclear[in.number] = in.problem
	}
	data := binary.AppendUvarint(k.encoded[:0], uint64(in.number)) //nolint:gosec // G115: a row number
	for i, at := range k.at {
		c := in.cellAt(at)
		if c.Kind == xlsx.Date || c.Kind == xlsx.Number && k.days[i] {
			c = day(c)
		}
		data = append(data, byte(c.Kind))
		data = binary.AppendUvarint(data, uint64(k.format(c.Format))) //nolint:gosec // G115: an index
		data = binary.AppendUvarint(data, uint64(len(c.Value)))
		data = append(data, c.Value...)
	}
	k.encoded = data
	head := binary.AppendUvarint(nil, uint64(len(data)))
	k.index = append(k.index, entryAt{maphash.String(k.seed, key), k.size})
	k.size += int64(len(head) + len(data))
	_, _ = k.out.Write(head) // its error is also that of the next one
	if _, err := k.out.Write(data); err != nil {
		return fmt.Errorf(msgRegisterWrite, k.Name, err)
	}
	return nil
}

// keyOf is the key in a cell: its text without spaces and quotes around it.
func keyOf(c *cell) string { return strings.TrimSpace(unquoted(c.Text())) }

// day turns a date into text, so that it no longer depends on the date system of its workbook.
func day(c *cell) *cell {
	date, clock, ok := c.Day()
	if !ok {
		return c
	}
	return &cell{Kind: xlsx.Date, Value: strings.TrimSpace(date + " " + clock), Format: c.Format}
}

// format is the index of a number format in formats, to which it adds new ones.
func (r *Register) format(f *xlsx.Format) int {
	i := slices.Index(r.formats, f)
	if i < 0 {
		i = len(r.formats)
		r.formats = append(r.formats, f)
	}
	return i
}

// finish completes the working file and sorts the index.
func (k *keeper) finish() error {
	if err := k.out.Flush(); err != nil {
		return fmt.Errorf(msgRegisterWrite, k.Name, err)
	}
	slices.SortFunc(k.index, func(a, b entryAt) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.at, b.at))
	})
	return nil
}

// load reads the row at an offset back: its number and its cells, the key first.
func (r *Register) load(at int64) (number int, cells []cell, err error) {
	in := bufio.NewReaderSize(io.NewSectionReader(r.store, at, 1<<62), 512)
	size, err := binary.ReadUvarint(in)
	if err != nil {
		return 0, nil, fmt.Errorf(msgRegisterRead, r.Name, err)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(in, data); err != nil {
		return 0, nil, fmt.Errorf(msgRegisterRead, r.Name, err)
	}
	n, width := binary.Uvarint(data)
	text := string(data[width:])
	for range r.columns {
		kind := xlsx.Kind(text[0])
		format, a := binary.Uvarint([]byte(text[1:min(len(text), 1+binary.MaxVarintLen64)]))
		text = text[1+a:]
		length, b := binary.Uvarint([]byte(text[:min(len(text), binary.MaxVarintLen64)]))
		end := b + int(length) //nolint:gosec // G115: of a cell
		cells = append(cells, cell{Kind: kind, Format: r.formats[format], Value: text[b:end]})
		text = text[end:]
	}
	return int(n), cells, nil //nolint:gosec // G115: a row number
}

// maxSeen is how many looked-up keys are kept in memory.
const maxSeen = 4096

// find looks a key up. The cells are those of the profile's references, in the order of [Profile.of]. The problem says
// that there is no row with the key, that two rows have different cells, or that only has no value on the row.
func (r *Register) find(key string) (lookup, error) {
	if l, ok := r.seen[key]; ok {
		return l, nil
	}
	hash := maphash.String(r.seed, key)
	var found []cell
	first, l := 0, lookup{done: true}
	at, _ := slices.BinarySearchFunc(r.index, hash, func(e entryAt, hash uint64) int {
		return cmp.Compare(e.hash, hash)
	})
	for ; at < len(r.index) && r.index[at].hash == hash; at++ {
		number, cells, err := r.load(r.index[at].at)
		if err != nil {
			return l, err
		}
		switch {
		case keyOf(&cells[0]) != key:
		case found == nil:
			found, first = cells, number
		case !slices.Equal(found[1:], cells[1:]):
			l.problem = billing.NewProblem("register.twice", key, "register", r.Name, "key", r.rule.Key.String(),
				"file", r.where(), "row", strconv.Itoa(first), "other", strconv.Itoa(number))
		}
	}
	switch unclear, is := r.unclear[first]; {
	case is && l.problem.Code == "":
		l.problem = billing.NewProblem("register.row", key, "register", r.Name, "key", r.rule.Key.String(), "file",
			r.where(), "row", strconv.Itoa(first), "why", unclear.Message, "fix", unclear.Hint)
	case found != nil:
		l.cells = found[1:]
	case l.problem.Code == "":
		near, err := r.near(key)
		if err != nil {
			return l, err
		}
		l.problem = billing.NewProblem("register.key", key, "register", r.Name, "key", r.rule.Key.String(), "file",
			r.where(), "near", near)
	}
	if len(r.seen) >= maxSeen {
		clear(r.seen)
	}
	r.seen[strings.Clone(key)] = l
	return l, nil
}

// where names the table for users.
func (r *Register) where() string {
	if r.sheet != "" {
		return fmt.Sprintf(msgRegisterSheet, r.sheet, r.File)
	}
	return r.File
}

// near suggests the key that may be meant, "" where none or several are as near. It reads the entire register, so it is
// done only for the first missing keys.
func (r *Register) near(key string) (string, error) {
	const most = 20
	if r.missing++; r.missing > most {
		return "", nil
	}
	folded := normalise(strings.TrimLeft(key, "0"))
	best, nearest := 1<<30, ""
	for _, e := range r.index {
		_, cells, err := r.load(e.at)
		if err != nil {
			return "", err
		}
		other := keyOf(&cells[0])
		d := distance([]rune(folded), []rune(normalise(strings.TrimLeft(other, "0"))))
		const short, slips = 4, 2 // a slip in a short key gives another valid key; names may have words in common
		if shortest := min(len(key), len(other)); d != 0 && (shortest < short || d > min(slips, shortest/3)) {
			continue
		}
		switch {
		case d < best:
			best, nearest = d, other
		case d == best && other != nearest:
			nearest = ""
		}
	}
	if nearest == "" {
		return "", nil
	}
	return fmt.Sprintf(msgRegisterNear, nearest), nil
}

// notThere makes a refusal of a *missingHeaderError. what says what the profile reads there. Other errors stay.
func notThere(err error, what string, header []string) error {
	missing, ok := errors.AsType[*missingHeaderError](err)
	if !ok {
		return err
	}
	hint := hintProfileNotThere
	if near := nearest(header, []string{missing.reference.header}); near != "" && missing.there == 0 {
		hint = fmt.Sprintf(hintProfileRenamed, near)
	}
	message := fmt.Sprintf(msgProfileNotThere, what, headers(header))
	return refuse(codeProfile, message, hint).at(0, missing.reference.header, "")
}
