package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/xuri/excelize/v2"
	"golang.org/x/sync/errgroup"
)

// The account of all requests, and how many requests are in flight at once.
const (
	account  = "T12345678"
	inFlight = 64
)

// peers do one thing each with as little else as possible, each in a process of its own: bench NAME ARGUMENT…. timed
// runs the others.
func peers() map[string]func(ctx context.Context, args []string) error {
	return map[string]func(ctx context.Context, args []string) error{
		"timed": timed,
		"csv": func(_ context.Context, args []string) error {
			return eachRecord(args[0], func([]string) error { return nil })
		},
		"gocsv":    func(_ context.Context, args []string) error { return decodeAll(args[0]) },
		"excelize": func(_ context.Context, args []string) error { return iterate(args[0]) },
		"stream":   func(_ context.Context, args []string) error { return stream(args[0]) },
		"post":     func(ctx context.Context, args []string) error { return post(ctx, args[0], args[1]) },
	}
}

// eachRecord is a pass of encoding/csv. The record is good until the next one.
func eachRecord(path string, take func([]string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	in := csv.NewReader(bufio.NewReaderSize(file, 256<<10))
	in.ReuseRecord = true
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = take(record)
		}
		if err != nil {
			return err
		}
	}
}

// decodeAll has gocsv decode every row into strings.
func decodeAll(path string) error {
	type row struct {
		Reference    string `csv:"order_reference"`
		Customer     string `csv:"customer_number"`
		Product      string `csv:"product"`
		Currency     string `csv:"currency"`
		Days         string `csv:"days_until_due"`
		Business     string `csv:"business_name"`
		Organization string `csv:"organization_number"`
		First        string `csv:"first_name"`
		Last         string `csv:"last_name"`
		Email        string `csv:"email"`
		Phone        string `csv:"phone_number"`
		Address      string `csv:"address_line"`
		Code         string `csv:"postal_code"`
		Place        string `csv:"postal_place"`
		Country      string `csv:"country"`
		Line         string `csv:"line_id"`
		Item         string `csv:"item_id"`
		Description  string `csv:"description"`
		Quantity     string `csv:"quantity"`
		Amount       string `csv:"amount"`
		VAT          string `csv:"vat"`
		Delivery     string `csv:"delivery_date"`
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	return gocsv.UnmarshalToCallback(file, func(row) {})
}

// iterate is a pass of excelize's row iterator over the first sheet, with values as they are stored.
func iterate(path string) error {
	book, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		return err
	}
	defer func() { _ = book.Close() }() // read only
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return err
	}
	for rows.Next() {
		if _, err := rows.Columns(); err != nil {
			return err
		}
	}
	return rows.Close()
}

// stream writes the cells of the one CSV file in a folder as texts of a workbook, with excelize's StreamWriter.
func stream(folder string) error {
	from, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(from) != 1 {
		return fmt.Errorf("one CSV file is expected in %s, not %v", folder, from)
	}
	book := excelize.NewFile()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	number := 0
	err = eachRecord(from[0], func(record []string) error {
		number++
		cells := make([]any, len(record))
		for i, value := range record {
			cells[i] = value
		}
		return sheet.SetRow(fmt.Sprintf("A%d", number), cells)
	})
	if err == nil {
		err = sheet.Flush()
	}
	if err == nil {
		err = book.SaveAs(filepath.Join(folder, "cells.xlsx"))
	}
	return errors.Join(err, book.Close())
}

// post sends each line of a file as a payment, and reads the answer.
func post(ctx context.Context, bodies, base string) error {
	data, err := os.ReadFile(bodies)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}}
	grant := `{"grant_type":"client_credentials","audience":"https://api.dintero.com/v1/accounts/` + account + `"}`
	var token struct {
		AccessToken string `json:"access_token"`
	}
	err = call(ctx, client, base+"/accounts/"+account+"/auth/token", []byte(grant), &token, func(r *http.Request) {
		r.SetBasicAuth("any", "any")
	})
	if err != nil {
		return err
	}
	var workers errgroup.Group
	workers.SetLimit(inFlight)
	for body := range bytes.Lines(data) {
		workers.Go(func() error {
			var made struct {
				ID string `json:"id"`
			}
			return call(ctx, client, base+"/sessions/pay", body, &made, func(r *http.Request) {
				r.Header.Set("Authorization", "Bearer "+token.AccessToken)
				r.Header.Set("Dintero-Feature-Toggles", "strict-success-merchant-reference")
			})
		})
	}
	return workers.Wait()
}

// call posts JSON and decodes the answer, which must be 200.
func call(ctx context.Context, client *http.Client, url string, body []byte, answer any,
	sign func(*http.Request),
) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	sign(request)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(text)))
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}
