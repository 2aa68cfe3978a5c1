-- The column spread gets a name that says what it holds: the bucket of the reference (FNV-1a), by which shards share the orders.
ALTER TABLE orders RENAME COLUMN spread TO bucket;
