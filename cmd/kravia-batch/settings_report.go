package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// Values of --csv.
const (
	plainCSV = "plain"
	excelCSV = "excel"
)

// reportFlags say which reports are written, where and how.
type reportFlags struct {
	reports      string // folder
	format       []string
	postingsFrom string
	csv          string
	languageFlag
}

func (s *reportFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.reports, "reports", "reports", "`folder` for reports")
	f.StringSliceVar(&s.format, "format", []string{"xlsx", "csv"},
		"`list` of xlsx, csv, json; also postings (CSV) and sie (SIE 4I) for your ledger, where the profile has its "+
			"accounts")
	f.StringVar(&s.csv, "csv", plainCSV,
		"`kind` of CSV: plain, or excel with semicolons and decimal commas, as spreadsheets set to a Nordic language "+
			"open it")
	s.languageFlag.add(f)
	f.StringVar(&s.postingsFrom, "postings-from", "",
		"only postings of the day `YYYY-MM-DD` and later ones, where earlier ones were posted before")
}

func (s *reportFlags) check() error {
	if s.postingsFrom != "" && !billing.IsDay(s.postingsFrom) {
		return usage(msgPostingsFrom, s.postingsFrom)
	}
	if err := checkChoice(s.csv, msgCSV, plainCSV, excelCSV); err != nil {
		return err
	}
	if _, err := s.formats(); err != nil {
		return err
	}
	return s.languageFlag.check()
}

// formats are the reports to write.
func (s *reportFlags) formats() ([]report.Format, error) {
	var formats []report.Format
	for _, text := range s.format {
		format, err := report.ParseFormat(text)
		if err != nil {
			return nil, usage("--format: %w", err)
		}
		switch {
		case s.csv != excelCSV:
		case format == report.CSV:
			format = report.ExcelCSV
		case format == report.Postings:
			format = report.ExcelPostings
		}
		formats = append(formats, format)
	}
	return formats, nil
}

// languageFlag is the language of workbooks.
type languageFlag struct{ language string }

func (s *languageFlag) add(f *pflag.FlagSet) {
	f.StringVar(&s.language, "language", report.Languages()[0],
		"`language` of the workbook: "+strings.Join(report.Languages(), ", "))
}

func (s *languageFlag) check() error {
	if !slices.Contains(report.Languages(), s.language) {
		return usage(msgLanguage, s.language, strings.Join(report.Languages(), ", "))
	}
	return nil
}

// outputFlags say how a command's summary is printed.
type outputFlags struct{ json, quiet bool }

func (s *outputFlags) add(f *pflag.FlagSet) {
	f.BoolVar(&s.json, "json", false, "print the summary as JSON, amounts in minor units (øre, cents)")
	f.BoolVar(&s.quiet, "quiet", false, "print neither progress nor summary")
}

func (s *outputFlags) check() error { return nil }

// documentsFlag is the folder for the invoices' documents, "" for none.
type documentsFlag struct{ documents string }

func (s *documentsFlag) add(f *pflag.FlagSet) {
	f.StringVar(&s.documents, "documents", "",
		"`folder` to fetch the invoices' PDF documents into, under their numbers")
}

func (s *documentsFlag) check() error { return nil }
