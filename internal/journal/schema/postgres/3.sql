-- register: the name of the register that the file is, '' for a file of lines.
ALTER TABLE run_files ADD COLUMN register TEXT NOT NULL DEFAULT '';

-- Rows of the input that the profile left out; they are no lines of any order.
-- body: zstd over JSON lines, one row each, as in run_rows.
CREATE TABLE left_out (
  run       TEXT NOT NULL REFERENCES runs (id),
  chunk     BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  body      BYTEA NOT NULL,
  PRIMARY KEY (run, chunk)
);
