-- What came of a run is in its orders and its exit code; its summary was never read.
ALTER TABLE runs DROP COLUMN summary;

-- place: 1 for the first run of the journal, one more for each run begun after it, whatever the clocks say.
-- pruned_at: from then on the run's rows are gone, or are being removed; tables is '' when nothing is left to remove.
ALTER TABLE runs ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN pruned_at INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET place = numbered.place
  FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY started_at, id) AS place FROM runs) AS numbered WHERE numbered.id = runs.id;
DROP INDEX runs_by_start;
CREATE UNIQUE INDEX runs_by_place ON runs (place);

-- step: what is due next for the order, '' for nothing, and due_at is when.
-- tries: of the step so far. sent: requests that may have reached the provider and ask for an invoice.
-- refused: of those, how many the provider refused. resent: how many the last run sent again.
-- run: the last one that sent it. session_hash: the content that the stored session was made for.
-- settlement: what the provider told of the money so far.
ALTER TABLE orders ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN resent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN run TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN session_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN organization_number TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN settlement TEXT NOT NULL DEFAULT '';
ALTER TABLE orders DROP COLUMN guard;

UPDATE orders SET
  sent = (SELECT COUNT(*) FROM attempts a
    WHERE a.order_id = orders.id AND a.kind IN ('pay', 'pay session') AND a.meaning <> 'not sent'),
  session_hash = CASE WHEN session_id <> '' AND EXISTS
    (SELECT 1 FROM attempts a WHERE a.order_id = orders.id AND a.kind = 'create session') THEN hash ELSE '' END,
  step = CASE WHEN state IN ('sending', 'in doubt') THEN 'look up'
    WHEN state IN ('registered', 'invoiced') AND code = 'delivery.not_captured' THEN 'capture' ELSE '' END;
CREATE INDEX orders_due ON orders (account, due_at) WHERE step <> '';
