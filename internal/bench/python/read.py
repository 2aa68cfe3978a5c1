"""Reads a table: read.py FILE. A CSV file is read with amounts as Decimal and dates as dates, a workbook by openpyxl's row iterator."""
import csv
import datetime
import decimal
import sys

path = sys.argv[1]
if path.endswith(".xlsx"):
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    print(sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)))
else:
    count = 0
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            decimal.Decimal(row["amount"])
            decimal.Decimal(row["vat"])
            datetime.date.fromisoformat(row["delivery_date"])
            count += 1
    print(count)
