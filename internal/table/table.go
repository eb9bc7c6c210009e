// Package table computes the numbers of a run: for each cell a row with its metrics over
// the trials, the checks that were not ok, and the trials without a measurement. It must
// not depend on how tables are written.
package table

import (
	"slices"
	"time"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/search"
)

// Table is the numbers of a run: one row for each cell except the ceiling, in the header's
// order.
type Table struct {
	Run         string             `json:"run"`
	Command     []string           `json:"command"`
	Started     time.Time          `json:"started"`
	Engine      string             `json:"engine"`
	Seed        uint64             `json:"seed"`
	Rounds      int                `json:"rounds"`       // requested; with Until, started
	Tried       int                `json:"rounds_tried"` // in which every cell had a trial
	Truncated   bool               `json:"truncated"`    // the file's last line was incomplete
	Environment result.Environment `json:"environment"`

	// ServerPlaces and ClientPlaces are the different places of the servers and replicas
	// of all trials; none if unknown.
	ServerPlaces []result.Place `json:"server_places,omitempty"`
	ClientPlaces []result.Place `json:"client_places,omitempty"`

	// Until is what ended the run if its number of rounds was open.
	Until *result.Until `json:"until,omitempty"`

	// LastLook is the number of blocks of the last look that was planned, if verdicts
	// ended the run: ratios then have the intervals of the look at which their load
	// stopped. It is 0 if no look was planned, or by an older program.
	LastLook int `json:"last_look,omitempty"`

	// Work is how long the works of the rows take on this machine.
	Work []result.WorkTime `json:"work,omitempty"`

	// Ceiling is the machine's maximum, in round trips per second; nil if it was not
	// measured. CeilingFailures is why some rounds have none.
	Ceiling         *metric.Value `json:"ceiling_ops_per_s"`
	CeilingFailures []Failure     `json:"ceiling_failures,omitempty"`

	// Disturbed is nil if no row was above the ceiling of its round.
	Disturbed *Disturbed `json:"ceiling_disturbed,omitempty"`

	Rows  []Row  `json:"rows"`
	Loads []Load `json:"loads"`
}

// Row is one cell over its trials. For a search the samples, and so the metrics and
// problems, are only of the trials at the rate that holds.
type Row struct {
	metric.Row

	// Tries is how many of a search's trials were at the rate that holds, Held how
	// many of them kept the objective and passed every check.
	Tries, Held int

	Trials   int // in the file
	Complete int // trials with a measurement: the samples

	// Conformance is what bench conform had found of its server; nil if the run does not
	// say, as of a mode.
	Conformance *result.Conformance

	// Lengthened is the longest window of its trials if the default window was too short
	// for the latency; otherwise 0.
	Lengthened time.Duration

	// ServerPlaces and ClientPlaces are the Table's, of this row's trials.
	ServerPlaces, ClientPlaces []result.Place

	// Printed is the most bytes that the server wrote to standard output and standard
	// error in any trial.
	Printed int64

	Problems []Problem       // failed checks first, then warnings, then those not judged
	Failures []Failure       // trials without a measurement
	Stages   []Stage         // none where its rate does not change
	Shared   bool            // a check could not judge: both ends use the same CPUs
	Samples  []metric.Sample // one per complete trial, in the file's order
}

// Searched reports whether rows are searches: a run has nothing else then.
func (t Table) Searched() bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Search != nil })
}

// Window returns the longest window of the row's trials.
func (r Row) Window() time.Duration { return max(r.Cell.Window, r.Lengthened) }

// MarshalJSON encodes a row with its metrics by key.
func (r Row) MarshalJSON() ([]byte, error) {
	asked := struct {
		Cell       result.Cell     `json:"cell"`
		Trials     int             `json:"trials"`
		Complete   int             `json:"complete"`
		Lengthened time.Duration   `json:"window_lengthened_ns,omitempty"`
		Search     *search.Outcome `json:"search,omitempty"`
		Tries      int             `json:"tries,omitempty"`
		Held       int             `json:"held,omitempty"`
		Ratio      *metric.Ratio   `json:"ratio,omitempty"`

		Conformance *result.Conformance `json:"conformance,omitempty"`
	}{r.Cell, r.Trials, r.Complete, r.Lengthened, r.Search, r.Tries, r.Held, r.Ratio, r.Conformance}
	seen := struct {
		ServerPlaces []result.Place  `json:"server_places,omitempty"`
		ClientPlaces []result.Place  `json:"client_places,omitempty"`
		Printed      int64           `json:"printed_bytes,omitempty"`
		Stages       []Stage         `json:"stages,omitempty"`
		Problems     []Problem       `json:"problems"`
		Failures     []Failure       `json:"failures"`
		Shared       bool            `json:"generator_shared"`
		Samples      []metric.Sample `json:"samples"`
	}{r.ServerPlaces, r.ClientPlaces, r.Printed, r.Stages, r.Problems, r.Failures, r.Shared, r.Samples}
	return metric.Join(asked, r.Row.JSON(), seen)
}

// Problem is a check that was not ok in some trials of a row. Value, Limit and Fix are
// those of the first one with this verdict.
type Problem struct {
	Check   string         `json:"check"`
	Verdict result.Verdict `json:"verdict"` // failed, warning or not judged
	Rounds  int            `json:"rounds"`  // in how many trials
	First   int            `json:"first"`   // the first round with this verdict
	Value   string         `json:"value"`
	Limit   string         `json:"limit"`
	Fix     string         `json:"cure,omitempty"`

	// Consequences are the checks that follow from this one.
	Consequences []string `json:"consequences,omitempty"`
}

// Failure is why trials gave no measurement.
type Failure struct {
	Message string `json:"message"`
	Rounds  int    `json:"rounds"` // in how many trials
	First   int    `json:"first"`  // the first round

	// Unstarted means that the server did not start, and was not tried again.
	Unstarted bool `json:"unstarted,omitempty"`
}
