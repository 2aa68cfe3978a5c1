-- What came of a run is in its orders and its exit code; its summary was never read.
ALTER TABLE runs DROP COLUMN summary;

-- place: 1 for the first run of the journal, one more for each run begun after it, whatever the clocks say.
-- pruned_at: from then on the run's rows are gone, or are being removed; tables is '' when nothing is left to remove.
ALTER TABLE runs ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN pruned_at BIGINT NOT NULL DEFAULT 0;
UPDATE runs SET place = numbered.place
  FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY started_at, id) AS place FROM runs) AS numbered WHERE numbered.id = runs.id;
DROP INDEX runs_by_start;
CREATE UNIQUE INDEX runs_by_place ON runs (place);

-- step, due_at: what is to be done for the order next, and when; '' for nothing. tries, looks, sent, refused, resent: see billing.Life.
-- run: the newest run whose file holds the order with its stored content, so that it may be sent.
-- session_hash: the content that the stored session was made for, '' where this journal did not make it.
-- settlement: whether the provider has settled with the merchant, in words.
ALTER TABLE orders ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN looks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN resent BIGINT NOT NULL DEFAULT 0;
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
  step = CASE WHEN state IN ('sending', 'in doubt', 'conflict') THEN 'look up'
    WHEN state IN ('registered', 'invoiced') AND code = 'delivery.not_captured' THEN 'capture'
    WHEN state = 'registered' AND product <> 'kravia.invoice_b2b_grouped' THEN 'await' ELSE '' END;
CREATE INDEX orders_due ON orders (account, step, due_at, id) WHERE step <> '';
