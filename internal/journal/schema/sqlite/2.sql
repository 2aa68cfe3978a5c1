-- period: YYYY-MM of the run that planned the order as it is stored, '' for none. Its request says the same.
ALTER TABLE orders ADD COLUMN period TEXT NOT NULL DEFAULT '';
UPDATE orders SET period = COALESCE((SELECT r.period FROM run_orders ro JOIN runs r ON r.id = ro.run
  WHERE ro.order_id = orders.id AND ro.verdict = 1 AND r.started_at <= orders.planned_at ORDER BY r.started_at DESC LIMIT 1), '');
