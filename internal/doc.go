// Package internal has no code. It tells a newcomer how the program is built and which words it uses.
//
// # Packages
//
// A package is named after what it hides. They are listed in the order in which a row passes them.
//
//   - batch: one run from file to report. Its batch.go is the sequence on one page: start reading there.
//   - intake: files become records. It hides encodings, sheets, headers, profiles, registers and formulas.
//   - xlsx: a workbook becomes typed cells, strictly; damage is never silent.
//   - billing: records become rows and orders. It holds the rules, VAT, problem codes and the order's lifecycle.
//   - money: exact amounts in minor units and rates in basis points. There are no floats.
//   - journal: what was planned, tried and learned, in SQLite or PostgreSQL, and what is due when.
//   - dispatch: takes due orders from the journal, calls the provider at the given pace, records what came of it.
//   - dintero: one call to the provider, and what its answer means.
//   - report: rows and outcomes become the workbook, CSV, JSON and postings, all reconciled.
//   - planfile: the plan as a file: drafted, approved, and checked against the input.
//   - atomicfile: files that are written completely or not at all.
//   - fault: a panic becomes an error, so that the run's report is still written.
//   - simulator: the provider's side with faults, for the sandbox and the tests. It imports nothing of ours.
//   - bench: what the program costs beside its peers.
//
// Nothing points back: .golangci.yml holds who may import whom.
//
// # Words
//
//   - account: the merchant's account at Dintero; T… is a test account, P… a production account.
//   - attempt: one HTTP request for one order, recorded before it leaves.
//   - conclude: to record that a step of an order has ended.
//   - conflict: the merchant reference exists with other content, at the provider or in the journal.
//   - content hash: the identity of what an order says; the same hash means the same order.
//   - control totals: row count and sums that the user gives to have the input checked against them.
//   - credit: an order below zero; it is listed and never sent.
//   - decision: what a run does with an order that the journal knows.
//   - duplicate guard: the provider's own refusal of a merchant reference that it has seen.
//   - entry: an order as a run enters it in the journal, in state planned.
//   - final state: the one state in which every input row ends.
//   - hold back: to keep an order unsent because of a problem of it, or of its file.
//   - in doubt: sent, and the answer is unknown.
//   - journal: the durable memory of an account's orders, runs and rows.
//   - left out: a row that the profile says is not to be invoiced.
//   - line: one position of an order, made from one row.
//   - look-up: asking the provider what it has under a merchant reference.
//   - merchant reference: the order's identity for ever; the column order_reference.
//   - outcome: what is known of an order after its last step.
//   - plan: the file that one user drafts, another approves, and a run then obeys exactly.
//   - problem: one finding about a row or an order: code, place, value, message, hint.
//   - profile: the file that says how another program's export is read.
//   - record: one input row as strings; a row is a record whose cells are typed and checked.
//   - register: a file that a profile looks rows up in, such as customers.
//   - run: one pass from input to report, with an id of its own.
//   - settlement: the provider's payout of money that customers paid.
//   - shard: one of several processes that share a run's account; its siblings are the other shards.
//   - state, step: where an order stands, and what is to be done with it when it is due.
//   - treatment: how a line is taxed beside its rate, such as reverse charge.
//   - voucher: the debit and credit lines of one invoice, for the user's ledger.
package internal
