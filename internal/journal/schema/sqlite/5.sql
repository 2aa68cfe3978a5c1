-- Rows of runs from here on are in the program's own encoding, which older programs do not know; chunks before it stay JSON lines. Rows
-- left out are JSON lines as before.
SELECT 1;
