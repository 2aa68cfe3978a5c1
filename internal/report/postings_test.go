package report

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func ledger() *billing.Accounts {
	return &billing.Accounts{
		Receivable: "1500", Revenue: billing.AccountsBy{"25": "3000", "15": "3010", "0": "3100", "eu": "3108"},
		VAT: billing.AccountsBy{"25": "2700", "15": "2701"},
	}
}

// posted is an order of one row for each of its shares, with its customer's number and its cost center.
func posted(seq int, invoiced Invoiced, currency, customer, center string, shares ...billing.VATShare) Order {
	c := money.MustCurrency(currency)
	var gross, vat int64
	for _, s := range shares {
		gross, vat = gross+s.Gross, vat+s.VAT
	}
	final := map[Invoiced]billing.Final{
		NotInvoiced: billing.FinalNotAttempted, ByThisRun: billing.FinalInvoiced,
		Before: billing.FinalAlreadyInvoiced, Later: billing.FinalRegistered,
	}[invoiced]
	return Order{
		Seq: seq, Reference: fmt.Sprintf("ORD-%d", seq), Customer: customer,
		CustomerNumber: strconv.Itoa(10000 + seq), Product: billing.B2B,
		Rows: 1, Gross: money.New(gross, c), VAT: money.New(vat, c), Final: final, Invoiced: invoiced,
		Outcome:     outcomeOf(final, seq),
		Particulars: billing.Particulars{CostCenter: center, VAT: shares},
	}
}

// withdrawn is an order whose invoice was cancelled since.
func withdrawn(o Order) Order {
	o.Final, o.Outcome = billing.FinalVoided, outcomeOf(billing.FinalVoided, o.Seq)
	o.Outcome.UpdatedAt = time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC) // the next day in Oslo
	return o
}

// reportOf is a balanced report of orders.
func reportOf(orders ...Order) *Report {
	r := makeReport(nil)
	r.Run.Environment, r.Accounts, r.Run.Seller = Live, ledger(), "Blåfjell Ærlig & Sønn \"AB\""
	var rows []billing.Row
	sums := map[money.Currency]int64{}
	for i, o := range orders {
		amount, vat := o.Gross, o.VAT
		sums[amount.Currency()] += amount.Minor()
		rows = append(rows, billing.Row{
			Place: billing.Place{File: "lines.csv", Row: i + 2}, Ordinal: i, Reference: o.Reference,
			Customer: o.Customer,
			Amount:   &amount, VATAmount: &vat, VAT: "25", Rate: 2500, Currency: amount.Currency().Code(),
			Country: "NO", Valid: true,
		})
	}
	r.Control.Rows, r.Run.Files[0].Rows = len(rows), len(rows)
	for currency, minor := range sums {
		r.Control.Money = append(r.Control.Money, money.New(minor, currency))
	}
	r.Rows, r.Orders = sequence(rows), sequence(orders)
	return r
}

// filesOf writes a report and gives its files by what follows the common part of their names. What cannot be
// posted is among the errors.
func filesOf(t require.TestingT, dir string, r *Report, formats ...Format) (map[string]string, error) {
	s, err := Write(context.Background(), r, dir, formats, noCode)
	require.NotNil(t, s)
	files := map[string]string{}
	for _, path := range s.Reports {
		data, readErr := os.ReadFile(path)
		require.NoError(t, readErr)
		files[strings.TrimPrefix(filepath.Base(path), "lines_20261122-130405-ab12")] = string(data)
	}
	if len(s.Unposted) > 0 {
		require.Equal(t, "not all can be posted: "+strings.Join(s.Unposted, "; "), s.Run().Notices[0])
		err = errors.Join(err, errors.New(strings.Join(s.Unposted, "; ")))
	}
	return files, err
}

func small() []Order {
	return []Order{
		posted(1, ByThisRun, "SEK", "Fjord & Fjell AS", "410",
			billing.VATShare{Rate: 2500, Treatment: "3", Gross: 100000, VAT: 20000},
			billing.VATShare{Rate: 1500, Gross: -1150, VAT: -150}),
		posted(2, Before, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25}),
		posted(3, ByThisRun, "NOK", "Øst, Vest; \"Sør\"", "", billing.VATShare{Treatment: "EU", Gross: 5000},
			billing.VATShare{Gross: 0}),
		posted(4, Later, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25}),
		posted(5, NotInvoiced, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25}),
		withdrawn(posted(6, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})),
	}
}

const postingsHead = "voucher,date,account,debit,credit,currency,text,customer_number,customer,invoice_number,due_date,vat_rate,vat_treatment,cost_center,order_reference,problem\r\n"

func TestPostings(t *testing.T) {
	t.Parallel()
	files, err := filesOf(t, t.TempDir(), reportOf(small()...), Postings)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"_postings.csv": strings.ReplaceAll(strings.TrimSuffix(postingsHead, "\r\n")+`
100201,2026-11-22,1500,988.50,,SEK,"Invoice 100201, Fjord & Fjell AS",10001,Fjord & Fjell AS,100201,2026-12-06,,,,ORD-1,
100201,2026-11-22,3000,,800.00,SEK,"Invoice 100201, Fjord & Fjell AS",10001,Fjord & Fjell AS,100201,2026-12-06,25,3,410,ORD-1,
100201,2026-11-22,2700,,200.00,SEK,"Invoice 100201, Fjord & Fjell AS",10001,Fjord & Fjell AS,100201,2026-12-06,25,3,,ORD-1,
100201,2026-11-22,3010,10.00,,SEK,"Invoice 100201, Fjord & Fjell AS",10001,Fjord & Fjell AS,100201,2026-12-06,15,,410,ORD-1,
100201,2026-11-22,2701,1.50,,SEK,"Invoice 100201, Fjord & Fjell AS",10001,Fjord & Fjell AS,100201,2026-12-06,15,,,ORD-1,
100203,2026-11-22,1500,50.00,,NOK,"Invoice 100203, Øst, Vest; ""Sør""",10003,"Øst, Vest; ""Sør""",100203,2026-12-06,,,,ORD-3,
100203,2026-11-22,3108,,50.00,NOK,"Invoice 100203, Øst, Vest; ""Sør""",10003,"Øst, Vest; ""Sør""",100203,2026-12-06,0,EU,,ORD-3,
100206,2026-11-22,1500,1.25,,SEK,"Invoice 100206, Nord AB",10006,Nord AB,100206,2026-12-06,,,,ORD-6,
100206,2026-11-22,3000,,1.00,SEK,"Invoice 100206, Nord AB",10006,Nord AB,100206,2026-12-06,25,,,ORD-6,
100206,2026-11-22,2700,,0.25,SEK,"Invoice 100206, Nord AB",10006,Nord AB,100206,2026-12-06,25,,,ORD-6,
100206-C,2026-12-01,1500,,1.25,SEK,"Cancelled invoice 100206-C, Nord AB",10006,Nord AB,100206,2026-12-06,,,,ORD-6,
100206-C,2026-12-01,3000,1.00,,SEK,"Cancelled invoice 100206-C, Nord AB",10006,Nord AB,100206,2026-12-06,25,,,ORD-6,
100206-C,2026-12-01,2700,0.25,,SEK,"Cancelled invoice 100206-C, Nord AB",10006,Nord AB,100206,2026-12-06,25,,,ORD-6,
`, "\n", "\r\n")}, files)
}

func TestPostingsForExcel(t *testing.T) {
	t.Parallel()
	files, err := filesOf(t, t.TempDir(), reportOf(small()[:1]...), ExcelPostings, Postings)
	require.NoError(t, err)
	require.Len(t, files, 1)
	lines := strings.Split(files["_postings.csv"], "\r\n")
	// the plain form counts where both are asked for
	require.Equal(t, "100201,2026-11-22,1500,988.50,,SEK", lines[1][:34])

	files, err = filesOf(t, t.TempDir(), reportOf(small()[:1]...), ExcelPostings)
	require.NoError(t, err)
	lines = strings.Split(files["_postings.csv"], "\r\n")
	require.Equal(t, "\ufeffvoucher;date;account;debit", lines[0][:len("\ufeffvoucher;date;account;debit")])
	require.Equal(t,
		`100201;2026-11-22;1500;988,50;;SEK;"Invoice 100201, Fjord & Fjell AS";10001;Fjord & Fjell AS;100201;2026-12-06;;;;ORD-1;`, lines[1])
}

// A voucher's id that looks like a formula is guarded, because a program that splits elsewhere sees more than a number.
func TestPostingsGuardTheVoucher(t *testing.T) {
	t.Parallel()
	for format, want := range map[Format]string{Postings: "\r\n'-5,", ExcelPostings: "\r\n'-5;"} {
		o := small()[0]
		o.Outcome.InvoiceNumber = "-5"
		files, err := filesOf(t, t.TempDir(), reportOf(o), format)
		require.NoError(t, err)
		require.Contains(t, files["_postings.csv"], want)
	}
}

// What another run invoiced is only in that run's postings.
func TestNothingIsPostedTwice(t *testing.T) {
	t.Parallel()
	again := posted(1, Before, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
	files, err := filesOf(t, t.TempDir(), reportOf(again), Postings, SIE)
	require.NoError(t, err)
	require.Equal(t, postingsHead, files["_postings.csv"])
	require.NotContains(t, files[".si"], "#VER")
}

func TestWhatCannotBePosted(t *testing.T) {
	t.Parallel()
	unknown := posted(7, ByThisRun, "SEK", "Nord AB", "",
		billing.VATShare{Rate: 1200, Treatment: "33", Gross: 1120, VAT: 120})
	older := posted(8, ByThisRun, "SEK", "Nord AB", "")
	older.Gross, older.VAT = money.New(12500, money.MustCurrency("SEK")), money.New(2500, money.MustCurrency("SEK"))
	undated := posted(9, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
	undated.Outcome.InvoiceDate = ""
	files, err := filesOf(t, t.TempDir(), reportOf(unknown, older, undated), Postings, SIE)
	require.EqualError(t, err,
		"the profile has no account for revenue at 12 % (treatment 33); the profile has no account for VAT at 12 % (treatment 33); "+
			"invoice 100208 of 125.00 SEK must be posted by hand: the journal does not have its VAT by rate, because an older version wrote it; "+
			"invoice 100209 must be posted by hand: the day is not known; give the accounts with `kravia-batch report --profile FILE --format postings,sie`; until then the postings mark such lines, and no SIE file is written")
	require.Len(t, files, 1)
	lines, err := csv.NewReader(strings.NewReader(files["_postings.csv"])).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 8)
	for i, want := range [][3]string{
		{"1500", "11.20", ""},
		{"", "", "the profile has no account for revenue at 12 % (treatment 33)"},
		{"", "", "the profile has no account for VAT at 12 % (treatment 33)"},
		{
			"", "",
			"invoice 100208 of 125.00 SEK must be posted by hand: the journal does not have its VAT by rate, because an older version wrote it",
		},
		{"1500", "1.25", "invoice 100209 must be posted by hand: the day is not known"},
	} {
		require.Equal(t, want, [3]string{lines[i+1][2], lines[i+1][3], lines[i+1][15]})
	}
}

func TestAccountsThatFormatsNeed(t *testing.T) {
	t.Parallel()
	letters := ledger()
	letters.VAT["15"] = "27A1"
	require.NoError(t, CheckAccounts([]Format{XLSX, CSV, JSON}, nil))
	require.NoError(t, CheckAccounts([]Format{Postings, SIE}, ledger()))
	require.NoError(t, CheckAccounts([]Format{Postings}, letters))
	require.EqualError(t, CheckAccounts([]Format{SIE}, letters),
		`format sie takes accounts of digits alone, and the profile has "27A1": correct it, or use format postings`)
	require.ErrorContains(t, CheckAccounts([]Format{CSV, Postings}, nil),
		"format postings needs the accounts of your ledger")
	r := reportOf(small()...)
	r.Accounts = nil
	files, err := filesOf(t, t.TempDir(), r, CSV, Postings, SIE)
	require.ErrorContains(t, err,
		"postings report: write lines_20261122-130405-ab12_postings.csv: format postings needs the accounts")
	require.ErrorContains(t, err, "sie report: write lines_20261122-130405-ab12.si: format sie needs the accounts")
	require.Len(t, files, 1)
}

// Whatever the orders, each voucher adds up to zero, and what customers owe is what the run invoiced, less
// what was cancelled.
func TestVouchersAddUp(t *testing.T) {
	t.Parallel()
	folder, folders := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		var orders []Order
		owed := map[string]int64{}
		for seq := range rapid.IntRange(0, 8).Draw(t, "orders") {
			var shares []billing.VATShare
			for _, rate := range []money.Rate{2500, 1500, 0}[:rapid.IntRange(1, 3).Draw(t, "shares")] {
				gross := rapid.Int64Range(-100_000, 1_000_000).Draw(t, "gross")
				shares = append(shares,
					billing.VATShare{
						Rate: rate, Gross: gross,
						VAT: rate.InGross(money.New(gross, money.MustCurrency("SEK"))).Minor(),
					})
			}
			o := posted(seq+1,
				rapid.SampledFrom([]Invoiced{NotInvoiced, ByThisRun, ByThisRun, Before, Later}).Draw(t, "invoiced"),
				rapid.SampledFrom([]string{"SEK", "NOK"}).Draw(t, "currency"), "Nord AB", "", shares...)
			switch {
			case o.Invoiced != ByThisRun:
			case rapid.Bool().Draw(t, "cancelled"):
				o = withdrawn(o)
			default:
				owed[o.Gross.Currency().Code()] += o.Gross.Minor()
			}
			orders = append(orders, o)
		}
		folders++
		files, err := filesOf(t, filepath.Join(folder, strconv.Itoa(folders)), reportOf(orders...), Postings)
		require.NoError(t, err)
		lines, err := csv.NewReader(strings.NewReader(files["_postings.csv"])).ReadAll()
		require.NoError(t, err)
		vouchers := map[string]int64{}
		for _, line := range lines[1:] {
			amount := minorOf(t, line[3]) - minorOf(t, line[4])
			vouchers[line[0]] += amount
			if line[2] == "1500" {
				owed[line[5]] -= amount
			}
		}
		for _, sum := range vouchers {
			require.Zero(t, sum)
		}
		for _, sum := range owed {
			require.Zero(t, sum)
		}
	})
}

func minorOf(t require.TestingT, text string) int64 {
	if text == "" {
		return 0
	}
	minor, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	require.NoError(t, err)
	return minor
}

func vouchersIn(t *testing.T, file string) (ids []string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	require.NoError(t, err)
	for _, line := range lines[1:] {
		if !slices.Contains(ids, line[0]) {
			ids = append(ids, line[0])
		}
	}
	return ids
}

// A voucher keeps its id, whatever became of other orders since the last report.
func TestVouchersKeepTheirNames(t *testing.T) {
	t.Parallel()
	grouped := func(seq int) Order {
		o := posted(seq, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
		o.Product, o.Outcome.InvoiceNumber = billing.B2BGrouped, "INV-7"
		return o
	}
	waiting := posted(1, Later, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
	invoiced := waiting
	invoiced.Final, invoiced.Invoiced, invoiced.Outcome = billing.FinalInvoiced, ByThisRun,
		outcomeOf(billing.FinalInvoiced, 1)
	cancelled := withdrawn(grouped(3))
	cancelled.Outcome.InvoiceNumber = "INV-7"
	for _, test := range []struct {
		orders []Order
		want   []string
	}{
		{[]Order{waiting, grouped(2), grouped(3), small()[2]}, []string{"INV-7/ORD-2", "INV-7/ORD-3", "100203"}},
		{
			[]Order{invoiced, grouped(2), cancelled, small()[2]},
			[]string{"100201", "INV-7/ORD-2", "INV-7/ORD-3", "INV-7-C/ORD-3", "100203"},
		},
	} {
		for i := range test.orders {
			test.orders[i].Seq = i + 1
		}
		files, err := filesOf(t, t.TempDir(), reportOf(test.orders...), Postings)
		require.NoError(t, err)
		require.Equal(t, test.want, vouchersIn(t, files["_postings.csv"]))
	}
}

func TestPostingsFromADay(t *testing.T) {
	t.Parallel()
	undated := posted(9, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
	undated.Outcome.InvoiceDate = ""
	orders := []Order{small()[0], small()[5], undated} // of 22 November, the second one cancelled on 1 December
	for _, test := range []struct {
		from billing.Date
		want []string
		left string
	}{
		{"", []string{"100201", "100206", "100206-C", "100209"}, ""},
		{
			"2026-11-22",
			[]string{"100201", "100206", "100206-C", "100209"},
			"Vouchers from 2026-11-22 on; earlier ones, left out here: 0",
		},
		{
			"2026-11-23",
			[]string{"100206-C", "100209"},
			"Vouchers from 2026-11-23 on; earlier ones, left out here: 2",
		},
		{
			"2026-12-01",
			[]string{"100206-C", "100209"},
			"Vouchers from 2026-12-01 on; earlier ones, left out here: 2",
		},
		{"2026-12-02", []string{"100209"}, "Vouchers from 2026-12-02 on; earlier ones, left out here: 3"},
	} {
		r := reportOf(orders...)
		r.PostingsFrom = test.from
		files, err := filesOf(t, t.TempDir(), r, Postings)
		require.ErrorContains(t, err, "invoice 100209 must be posted by hand: the day is not known")
		require.Equal(t, test.want, vouchersIn(t, files["_postings.csv"]))

		_, f := written(t, r)
		rows, err := f.GetRows(sheetPostings)
		require.NoError(t, err)
		require.Equal(t, test.want[0], rows[1][0])
		if last := rows[len(rows)-1]; test.left != "" {
			require.Equal(t, []string{test.left}, last)
		} else {
			require.Equal(t, []string{"", "", "3010", "10.00", "0.00", "SEK", "10.00"}, last)
		}
	}

	r := reportOf(small()[0], small()[5])
	r.PostingsFrom = "2026-12-01"
	files, err := filesOf(t, t.TempDir(), r, SIE)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(files[".si"], "#VER"))
	require.NotContains(t, files[".si"], "#OBJEKT") // of a voucher that is not there
}

// If everything was posted before, the sheet does not say that nothing was invoiced.
func TestPostingsFromADayWithoutAny(t *testing.T) {
	t.Parallel()
	for orders, want := range map[int]string{
		1: "Bilag fra og med 2027-01-01; tidligere bilag, utelatt her: 1",
		0: "Ingenting å bokføre: denne kjøringen fakturerte ingenting",
	} {
		r := reportOf(append(small()[:orders], small()[1])...)
		r.PostingsFrom, r.Language = "2027-01-01", "no"
		_, f := written(t, r)
		rows, err := f.GetRows("Posteringer")
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.Equal(t, []string{want}, rows[1])
	}
}

// Texts of a run that is not real are marked, so that no ledger takes them for real.
func TestPostingsOfARehearsal(t *testing.T) {
	t.Parallel()
	r := reportOf(posted(1, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25}))
	r.Run.Environment = Test
	files, err := filesOf(t, t.TempDir(), r, Postings, SIE)
	require.NoError(t, err)
	require.Contains(t, files["_postings.csv"], `"TEST Invoice 100201, Nord AB"`)
	require.Contains(t, files[".si"], `"TEST Invoice 100201, Nord AB"`)
	require.Contains(t, files[".si"], `#FNAMN "TEST Bl`)
}

// A report that does not balance has no postings.
func TestNothingIsPostedOutOfBalance(t *testing.T) {
	t.Parallel()
	r := reportOf(posted(1, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25}))
	r.Control.Money = append(r.Control.Money, money.New(1, money.MustCurrency("EUR"))) // whose rows are lost
	files, err := filesOf(t, t.TempDir(), r, XLSX, CSV, Postings, SIE)
	require.ErrorContains(t, err, "sie report: it is not written, because the report does not balance")
	require.Len(t, files, 2)
}
