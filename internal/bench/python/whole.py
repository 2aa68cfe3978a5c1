"""The program that one would write first: whole.py FILE.csv BASE-URL FOLDER. It reads with csv and Decimal, sends with 64 threads, commits
each order to sqlite3 before and after its request, and writes a report with XlsxWriter and csv. It checks nothing."""
import base64
import collections
import concurrent.futures
import csv
import decimal
import http.client
import json
import sqlite3
import sys
import threading
import urllib.parse

import xlsxwriter

source, base, folder = sys.argv[1:]
server = urllib.parse.urlparse(base)
ACCOUNT, THREADS = "T12345678", 64
PARTY = ["first_name", "last_name", "email", "phone_number", "address_line", "postal_code", "postal_place", "country"]
COMPANY = ["business_name", "organization_number"]


def read():
    rows = []
    with open(source, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            gross, rate = decimal.Decimal(row["amount"]), decimal.Decimal(row["vat"])
            vat = gross * rate / (100 + rate)
            row["vat_amount"] = vat.quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
            rows.append(row)
    return rows


def minor(amount):
    return int(decimal.Decimal(amount) * 100)


def item(row):
    return {
        "line_id": row["line_id"], "id": row["item_id"], "description": row["description"], "quantity": int(row["quantity"]),
        "amount": minor(row["amount"]), "vat": int(row["vat"]), "vat_amount": minor(row["vat_amount"]),
    }


def request(reference, rows):
    head = rows[0]
    items = [item(row) for row in rows]
    fields = PARTY + (COMPANY if head["product"] == "b2b" else [])
    order = {
        "merchant_reference": reference, "currency": head["currency"], "items": items,
        "amount": sum(i["amount"] for i in items), "vat_amount": sum(i["vat_amount"] for i in items),
        "billing_address": {name: head[name] for name in fields},
    }
    payment = {
        "payment_product_type": "kravia.invoice_" + head["product"], "operation": "invoice_payment",
        "days_until_due": int(head["days_until_due"]),
    }
    return json.dumps({"session": {"order": order}, "payment": payment})


local = threading.local()


def call(path, body, authorization):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection(server.hostname, server.port)
    headers = {
        "Authorization": authorization, "Content-Type": "application/json",
        "Dintero-Feature-Toggles": "strict-success-merchant-reference",
    }
    local.connection.request("POST", server.path + path, body, headers)
    return json.loads(local.connection.getresponse().read())


def authorization():
    grant = {"grant_type": "client_credentials", "audience": "https://api.dintero.com/v1/accounts/" + ACCOUNT}
    basic = "Basic " + base64.b64encode(b"any:any").decode()
    return "Bearer " + call(f"/accounts/{ACCOUNT}/auth/token", json.dumps(grant), basic)["access_token"]


rows = read()
orders = collections.defaultdict(list)
for row in rows:
    orders[row["order_reference"]].append(row)

journal = sqlite3.connect(folder + "/journal.db", check_same_thread=False, isolation_level=None)
journal.execute("PRAGMA journal_mode=WAL")
journal.execute("PRAGMA synchronous=FULL")
journal.execute("CREATE TABLE orders (reference TEXT PRIMARY KEY, state TEXT, answer TEXT)")
writing = threading.Lock()
bearer = authorization()


def send(order):
    reference, lines = order
    with writing:
        journal.execute("INSERT INTO orders VALUES (?, 'sending', NULL)", (reference,))
    answer = call("/sessions/pay", request(reference, lines), bearer)
    with writing:
        journal.execute("UPDATE orders SET state = ?, answer = ? WHERE reference = ?", (answer["status"], json.dumps(answer), reference))
    facts = answer.get("metadata", {})
    return reference, [answer["status"], facts.get("kravia:invoice_number", ""), facts.get("kravia:invoice_url", ""), answer["id"]]


with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
    outcomes = dict(pool.map(send, orders.items()))

header = [*rows[0], "state", "invoice_number", "invoice_url", "transaction_id"]
book = xlsxwriter.Workbook(folder + "/report.xlsx", {"constant_memory": True})
sheet = book.add_worksheet("Rows")
with open(folder + "/report.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(header)
    sheet.write_row(0, 0, header)
    for number, row in enumerate(rows, 1):
        cells = [str(cell) for cell in row.values()] + outcomes[row["order_reference"]]
        out.writerow(cells)
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, cell)
book.close()
