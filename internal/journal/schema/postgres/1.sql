-- The same tables stand in ../sqlite; a step is never changed once released.
-- Times are nanoseconds since 1970 in UTC, 0 for none. Amounts are minor units beside their currency.
CREATE TABLE runs (
  id          TEXT NOT NULL PRIMARY KEY,
  account     TEXT NOT NULL,
  environment TEXT NOT NULL,
  period      TEXT NOT NULL,
  flow        TEXT NOT NULL,
  program     TEXT NOT NULL,
  started_at  BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  tables      TEXT NOT NULL,
  settings    TEXT NOT NULL,
  control     TEXT NOT NULL,
  exit_code   BIGINT NOT NULL,
  summary     TEXT NOT NULL
);
CREATE INDEX runs_by_start ON runs (started_at);

CREATE TABLE run_files (
  run       TEXT NOT NULL REFERENCES runs (id),
  place     BIGINT NOT NULL,
  name      TEXT NOT NULL,
  sha256    TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (run, place)
);
CREATE INDEX run_files_by_sha256 ON run_files (sha256);

-- body: zstd over JSON lines, one row each.
CREATE TABLE run_rows (
  run       TEXT NOT NULL REFERENCES runs (id),
  chunk     BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  body      BYTEA NOT NULL,
  PRIMARY KEY (run, chunk)
);

-- spread: FNV-1a of the reference, by which shards share the orders.
-- version: grows by one with every change; every change names the version it saw.
CREATE TABLE orders (
  id                 BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account            TEXT NOT NULL,
  reference          TEXT NOT NULL,
  spread             BIGINT NOT NULL,
  hash               TEXT NOT NULL,
  customer           TEXT NOT NULL,
  customer_number    TEXT NOT NULL,
  product            TEXT NOT NULL,
  channel            TEXT NOT NULL,
  currency           TEXT NOT NULL,
  gross              BIGINT NOT NULL,
  vat                BIGINT NOT NULL,
  days_until_due     BIGINT NOT NULL,
  requested_due_date TEXT NOT NULL,
  flow               TEXT NOT NULL,
  planned_at         BIGINT NOT NULL,
  state              TEXT NOT NULL,
  transaction_id     TEXT NOT NULL DEFAULT '',
  session_id         TEXT NOT NULL DEFAULT '',
  invoice_number     TEXT NOT NULL DEFAULT '',
  invoice_date       TEXT NOT NULL DEFAULT '',
  due_date           TEXT NOT NULL DEFAULT '',
  invoice_url        TEXT NOT NULL DEFAULT '',
  payment_status     TEXT NOT NULL DEFAULT '',
  code               TEXT NOT NULL DEFAULT '',
  message            TEXT NOT NULL DEFAULT '',
  hint               TEXT NOT NULL DEFAULT '',
  updated_at         BIGINT NOT NULL,
  version            BIGINT NOT NULL,
  attempts           BIGINT NOT NULL DEFAULT 0,
  first_attempt_at   BIGINT NOT NULL DEFAULT 0,
  last_attempt_at    BIGINT NOT NULL DEFAULT 0,
  guard              TEXT NOT NULL DEFAULT '',
  UNIQUE (account, reference)
);

-- The exact request bodies stand apart, so that settling an order does not write them again.
CREATE TABLE order_bodies (
  order_id    BIGINT NOT NULL PRIMARY KEY REFERENCES orders (id),
  body        BYTEA NOT NULL,
  create_body BYTEA
);

-- What one run made of an order. Its content differs from the stored order's where verdict is 3.
-- verdict: 1 to send, 2 already settled, 3 mismatched.
CREATE TABLE run_orders (
  run             TEXT NOT NULL REFERENCES runs (id),
  seq             BIGINT NOT NULL,
  order_id        BIGINT NOT NULL REFERENCES orders (id),
  verdict         BIGINT NOT NULL,
  hash            TEXT NOT NULL,
  customer        TEXT NOT NULL,
  customer_number TEXT NOT NULL,
  product         TEXT NOT NULL,
  currency        TEXT NOT NULL,
  gross           BIGINT NOT NULL,
  vat             BIGINT NOT NULL,
  row_count       BIGINT NOT NULL,
  PRIMARY KEY (run, seq)
);
CREATE UNIQUE INDEX run_orders_by_order ON run_orders (order_id, run);

-- One HTTP request each, written before it leaves. number counts those of the order from 1.
-- finished_at 0: its answer was never recorded.
CREATE TABLE attempts (
  order_id    BIGINT NOT NULL REFERENCES orders (id),
  number      BIGINT NOT NULL,
  run         TEXT NOT NULL,
  kind        TEXT NOT NULL,
  guard       TEXT NOT NULL,
  started_at  BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  http_status BIGINT NOT NULL,
  meaning     TEXT NOT NULL,
  detail      TEXT NOT NULL,
  PRIMARY KEY (order_id, number)
);

-- Who holds the lock of an account, where the engine has no lock file. shard_count 0 is the whole account.
CREATE TABLE lock_holders (
  account     TEXT NOT NULL,
  shard_index BIGINT NOT NULL,
  shard_count BIGINT NOT NULL,
  token       TEXT NOT NULL,
  holder      TEXT NOT NULL,
  PRIMARY KEY (account, shard_index, shard_count)
);
