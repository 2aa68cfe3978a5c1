package planfile

// What the package tells users. A text with values has an example above it.
const (
	// refused, and no call was made: the plan is not approved
	msgRefused = "refused, and no call was made: %s"
	hintNew    = "create a new plan"

	// The plan's file.
	msgEdited = "not a plan file, or it was edited after it was written"
	// plan format 1 is not supported by this version; create a new plan
	msgVersion = "plan format %d is not supported by this version; %s"
	// read plan: open PLAN.json: no such file or directory
	msgRead = "read plan: %w"
	// lock the plan: open PLAN.json: permission denied
	msgLock = "lock the plan: %w"
	// write the approval: open PLAN.json: no space left on device
	msgWrite = "write the approval: %w"
	// the approval by "Kari Nordmann" was edited or belongs to another plan
	msgApprovalEdited = "the approval by %q was edited or belongs to another plan"

	// Names of authors and approvers.
	msgName = "name not accepted"
	// name not accepted: the name is empty
	msgNameEmpty = "%w: the name is empty"
	// name not accepted: "Kari\n" is longer than 100 characters or has characters that cannot be printed
	msgNameUnprintable = "%w: %q is longer than %d characters or has characters that cannot be printed"
	// name not accepted: Kari Nordmann approved this plan already, at 2026-11-22T12:00:00Z
	msgNameTwice = "%w: %s approved this plan already, at %s"

	// Approvals that a run requires.
	msgNoPlan      = "an approval is required and there is no plan; make one with `kravia-batch plan`"
	msgNotApproved = "the plan is not approved; approve it with `kravia-batch approve`"
	// the plan is approved only by its author Ola Nordmann; --four-eyes requires an approval by somebody else
	msgAuthorOnly = "the plan is approved only by its author %s; --four-eyes requires an approval by somebody else"

	// A plan and the run that uses it.

	// the plan was used: run 20261122T120000-8f21 ended with it at 2026-11-22T12:03:00Z; create a new plan
	msgUsed = "the plan was used: run %s ended with it at %s; %s"
	// the plan is for account T12345678 (test), and the run for T87654321 (live)
	msgAccount = "the plan is for account %s (%s), and the run for %s (%s)"
	// the plan is for --flow one-step, and the run has two-step
	msgSetting = "the plan is for %s %v, and the run has %v"
	msgProfile = "the profile is not the one that the plan was made with, or was changed since"
	// The addresses are not shown: they may hold a key.
	msgAddresses = "--payment-profile, --callback-url or --return-url is not the one that the plan was made with"

	// Inputs.

	// the input is stale: november.csv is missing
	msgInputMissing = "the input is stale: %s is missing"
	// the input is stale: october.csv is not part of the plan
	msgInputMore = "the input is stale: %s is not part of the plan"
	// the input is stale: november.csv is not the file that was planned (november.csv), or was changed since
	msgInputOther = "the input is stale: %s is not the file that was planned (%s), or was changed since"

	// Orders.

	// the plan is stale: order A-000017 is not part of it
	msgOrderMore = "the plan is stale: order %s is not part of it"
	// the plan is stale: order A-000017 has other content than planned; the plan was made for 2026-11-22
	msgOrderStale = "the plan is stale: order %s %s; the plan was made for %s"
	// the plan is stale: the plan has 12 orders and 1 of 24 rows are invalid, now there are 11 orders and
	// 2 of 24 rows are invalid
	msgTotals = "the plan is stale: the plan has %d orders and %d of %d rows are invalid, " +
		"now there are %d orders and %d of %d rows are invalid"

	// Why an order is stale, after "order A-000017".

	// is in the place of order A-000016 of the plan
	msgStalePlace   = "is in the place of order %s of the plan"
	msgStaleContent = "has other content than planned"
	msgStaleSend    = "was not planned to be sent and would be sent now"
	msgStaleRequest = "would be sent with another request than planned"
)
