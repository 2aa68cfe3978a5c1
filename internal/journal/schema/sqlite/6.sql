-- particulars: what the run's report says of the order beside its sums, as JSON; '' in runs of older programs and in pruned ones.
-- paid: how much of it was paid, in minor units, as far as the provider tells; 0 also where it does not.
ALTER TABLE run_orders ADD COLUMN particulars TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN paid INTEGER NOT NULL DEFAULT 0;
