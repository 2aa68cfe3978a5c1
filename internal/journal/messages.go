package journal

// What the package tells users. A text with values has an example above it.
const (
	// Errors that a caller decides on.

	msgDamaged  = "the journal is damaged"
	msgNewer    = "the journal was written by a newer kravia-batch"
	msgNotFound = "not in the journal"
	msgNetwork  = "the file is on a network or FUSE file system, where a journal is not safe: " +
		"give a folder on a local disk, or postgres://…"
	msgPruned   = "the rows of the run were pruned"
	msgTaken    = "the order was changed by another process"
	msgLockLost = "the lock was taken over by another process"
	msgUnknown  = "the connection broke while the journal recorded this: nobody knows whether it is recorded"
	msgClosed   = "the journal is closed"
	msgNotEmpty = "the journal holds runs already, and only an empty journal takes a copy: give a new place"
	// the order was changed by another process: it has version 7 now
	msgVersion = "%w: it has version %d now"
	// the rows of the run were pruned on 2026-11-30
	msgPrunedOn = "%w on %s"

	// Where a journal is.

	msgNoLocation = "it is neither a path nor an address such as postgres://user@host:5432/database " +
		"(write ./ in front of a path with : @ or = in it)"
	// the URL cannot be read: postgres://user@host:5432/database is expected, with %40 for an @ in a password
	msgURL = "the URL cannot be read: postgres://user@host:5432/database is expected, " +
		"with %40 for an @ in a password"
	// a file that the URL names cannot be read: open /etc/ca.pem: no such file or directory
	msgURLFile = "a file that the URL names cannot be read: %w"
	// cannot be created: the disk is full, nothing was recorded: make room and run again: disk I/O error
	msgNotCreated = "cannot be created: %w"

	// A damaged journal.

	hintRestore = "restore it from a backup, or move it away: a new journal is begun, and orders that were " +
		"sent before are found by look-ups"
	// the journal is damaged: a folder is in the file's place: restore it from a backup
	msgFolder = "%w: a folder is in the file's place: %s"
	// the journal is damaged: the file is empty: restore it from a backup
	msgEmpty = "%w: the file is empty: %s"
	// the journal is damaged: it is a database of another program: restore it from a backup
	msgOtherProgram = "%w: it is a database of another program: %s"
	// the journal is damaged (row 3 missing from index runs_by_place): restore it from a backup
	msgUnsound = "%w (%s): %s"
	// the journal is damaged: restore it from a backup: database disk image is malformed
	msgCorrupt = "%w: %s: %w"
	// the journal is damaged: its file was deleted or replaced while it was in use, nothing was recorded:
	// put the file back, or restore it from a backup
	msgReplaced = "%w: its file was deleted or replaced while it was in use, nothing was recorded: " +
		"put the file back, or restore it from a backup"
	// the journal is damaged: restore the database from a backup: invalid page in block 3
	msgCorruptDatabase = "%w: restore the database from a backup: %w"
	// the journal is damaged: chunk 2 row 17: unexpected end of JSON input
	msgBadRow = "%w: chunk %d row %d: %w"
	// the journal is damaged: chunk 2: magic number mismatch
	msgBadChunk = "%w: chunk %d: %w"

	// Its schema.

	// the journal is damaged: a copy into it was interrupted, or is under way: remove it and copy again
	msgHalfCopied = "%w: a copy into it was interrupted, or is under way: remove it and copy again"
	// the journal was written by a newer kravia-batch: its schema has version 9, this program knows 7:
	// use the newer kravia-batch
	msgNewerSchema = "%w: its schema has version %d, this program knows %d: use the newer kravia-batch"
	// migrate from schema version 6: no such column: bucket
	msgMigrate = "migrate from schema version %d: %w"

	// What keeps the journal from recording.

	// the disk is full, nothing was recorded: make room and run again: database or disk is full
	msgDiskFull = "the disk is full, nothing was recorded: make room and run again: %w"
	// the file or its folder is read-only, nothing was recorded: attempt to write a readonly database
	msgReadOnly = "the file or its folder is read-only, nothing was recorded: %w"
	// the disk failed or is full, nothing was recorded: disk I/O error
	msgDiskFailed = "the disk failed or is full, nothing was recorded: %w"
	// the file cannot be opened or written, nothing was recorded: check its folder and permissions:
	// unable to open database file
	msgCannotOpen = "the file cannot be opened or written, nothing was recorded: check its folder and permissions: %w"
	// another process has locked the file, nothing was recorded: try again later: database is locked
	msgBusy = "another process has locked the file, nothing was recorded: try again later: %w"
	// the database's disk is full, nothing was recorded: make room and run again: could not extend file
	msgDatabaseFull = "the database's disk is full, nothing was recorded: make room and run again: %w"
	// the database is read-only, nothing was recorded: cannot execute INSERT in a read-only transaction
	msgDatabaseReadOnly = "the database is read-only, nothing was recorded: %w"
	// the database refused the user or password: password authentication failed for user "batch"
	msgDatabaseRefused = "the database refused the user or password: %w"

	// Locks.

	// account T12345678 is locked by another run
	msgLocked = "account %s is locked by another run"
	// account T12345678 is locked by run 20261130-120000-abcd on host-1 (process 17) since 2026-11-30T12:00:00Z
	msgLockedBy = "account %s is locked by run %s on %s (process %d) since %s"
	// journal: account "T 1" cannot be locked: it has other characters than A-Za-z0-9_-
	msgLockName = "journal: account %q cannot be locked: it has other characters than A-Za-z0-9_-"
	// journal: there is no shard 4 of 4, only 0 to N-1 of N up to 16384
	msgNoShard    = "journal: there is no shard %d of %d, only 0 to N-1 of N up to %d"
	msgShardsFile = "shards need a journal in PostgreSQL"
	// lock account T12345678: permission denied
	msgLock = "lock account %s: %w"

	// Entries and runs.

	// journal: enter orders of run R1: order K1001 is entered twice
	msgEnter = "journal: enter orders of run %s: %w"
	// order K1001 is entered twice
	msgTwice = "order %s is entered twice"
	// order K1001 is entered twice in run R1
	msgTwiceInRun = "order %s is entered twice in run %s"
	// order K1001 has its VAT in SEK and its total in NOK
	msgTwoCurrencies = "order %s has its VAT in %s and its total in %s"
	// journal: conclude order K1001: no state "state(0)"
	msgConclude = "journal: conclude order %s: %w"
	// run R1: control totals: unexpected end of JSON input
	msgControl = "run %s: control totals: %w"

	// Pruning and copying.

	// the pruned data is removed, but the file is as large as before: disk I/O error
	msgNotShrunk = "the pruned data is removed, but the file is as large as before: %w"
	// the copy is not complete, because somebody wrote to one of the journals meanwhile: orders has 12 rows in
	// /var/a.db and 11 in postgres://host/b
	msgIncomplete = "the copy is not complete, because somebody wrote to one of the journals meanwhile: " +
		"%s has %d rows in %s and %d in %s"
)
