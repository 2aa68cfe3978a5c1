package report

import (
	"encoding/csv"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// inOffice converts files with one start of LibreOffice, which takes seconds, and gives the new ones in the same order.
// LibreOffice computes every formula anew. Where it is not installed the test is skipped, and says so.
func inOffice(t *testing.T, format string, options []string, paths ...string) []string {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed: nothing is opened with it")
	}
	const always = `<?xml version="1.0"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">` +
		`<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>`
	home, in, out := t.TempDir(), t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "user"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, "user", "registrymodifications.xcu"), []byte(always), 0o600))
	args := append([]string{
		"-env:UserInstallation=file://" + home, "--headless", "--convert-to", format, "--outdir", out,
	}, options...)
	for i, path := range paths { // under names of their own, since reports have the same
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		args = append(args, filepath.Join(in, strconv.Itoa(i)+filepath.Ext(path)))
		require.NoError(t, os.WriteFile(args[len(args)-1], file, 0o600))
	}
	output, err := exec.CommandContext(t.Context(), soffice, args...).CombinedOutput()
	require.NoError(t, err, string(output))
	made := make([]string, len(paths))
	for i := range paths {
		found, err := filepath.Glob(filepath.Join(out, strconv.Itoa(i)+`[.\-]*`))
		require.NoError(t, err)
		require.Len(t, found, 1, string(output))
		made[i] = found[0]
	}
	return made
}

// throughOffice opens files in LibreOffice and saves them as workbooks.
func throughOffice(t *testing.T, options []string, paths ...string) []*excelize.File {
	t.Helper()
	made := inOffice(t, "xlsx", options, paths...)
	books := make([]*excelize.File, len(made))
	for i, path := range made {
		f, err := excelize.OpenFile(path)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, f.Close()) })
		books[i] = f
	}
	return books
}

// opened gives CSV files as LibreOffice opens them, with the separator's code and the number of a language, 0 for its own.
func opened(t *testing.T, separator, language string, paths ...string) []*excelize.File {
	t.Helper()
	filter := "--infilter=CSV:" + separator + ",34,76,1,," + language + ",false,true,false,false,false,0,true"
	return throughOffice(t, []string{filter}, paths...)
}

// shownByOffice is what a cell of the second sheet shows in an English LibreOffice.
func shownByOffice(t *testing.T, path string, row, col int) string {
	t.Helper()
	file, err := os.Open(inOffice(t,
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,true,false,false,2", nil, path)[0])
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	table, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	return table[row-1][col-1]
}

// redPixels counts what is as red as a cell that must be 0 and is not, on each workbook's first page as LibreOffice prints it.
func redPixels(t *testing.T, paths ...string) []int {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("pdftoppm is not installed: nothing is printed")
	}
	red := make([]int, len(paths))
	for i, path := range inOffice(t, "pdf", nil, paths...) {
		output, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "60", "-l", "1", "-singlefile", "-png", path,
			path).CombinedOutput()
		require.NoError(t, err, string(output))
		file, err := os.Open(path + ".png")
		require.NoError(t, err)
		page, err := png.Decode(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		for y := page.Bounds().Min.Y; y < page.Bounds().Max.Y; y++ {
			for x := page.Bounds().Min.X; x < page.Bounds().Max.X; x++ {
				if r, g, b, _ := page.At(x, y).RGBA(); r>>8 > 0xa0 && g>>8 < 0x40 && b>>8 < 0x40 {
					red[i]++
				}
			}
		}
	}
	return red
}

// formulas gives the value of every formula cell of a workbook.
func formulas(t *testing.T, f *excelize.File, of *excelize.File) map[string]string {
	t.Helper()
	values := make(map[string]string)
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		for i, row := range rows {
			for j := range row {
				cell := ref(j+1, i+1)
				formula, err := f.GetCellFormula(sheet, cell)
				require.NoError(t, err)
				if formula != "" {
					values[sheet+"!"+cell] = raw(t, of, sheet, cell)
				}
			}
		}
	}
	return values
}
