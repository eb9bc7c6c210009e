// Package table is a run in numbers: a row for each cell, its metrics over the
// trials, the checks that were not ok, and the trials without a measurement. It
// must not depend on how tables are written.
package table

import (
	"time"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/search"
)

// Table is a run in numbers: one row for each cell but the ceiling's, in the
// header's order.
type Table struct {
	Run         string             `json:"run"`
	Command     []string           `json:"command"`
	Started     time.Time          `json:"started"`
	Engine      string             `json:"engine"`
	Seed        uint64             `json:"seed"`
	Rounds      int                `json:"rounds"`       // asked for
	Tried       int                `json:"rounds_tried"` // in which every cell had its trial
	Truncated   bool               `json:"truncated"`    // the file's last line was cut off
	Environment result.Environment `json:"environment"`

	// ServerPlaces and ClientPlaces are what bound the servers and the replicas
	// of all trials, each different place once; none where they did not say.
	ServerPlaces []result.Place `json:"server_places,omitempty"`
	ClientPlaces []result.Place `json:"client_places,omitempty"`

	// Work is what the works of the rows take on this machine.
	Work []result.WorkTime `json:"work,omitempty"`

	// Ceiling is what the machine can do at all, in round trips per second;
	// nil if it was not measured. CeilingFailures is why some rounds have none.
	Ceiling         *metric.Value `json:"ceiling_ops_per_s"`
	CeilingFailures []Failure     `json:"ceiling_failures,omitempty"`

	// Disturbed is nil where no row was above the ceiling of its round.
	Disturbed *Disturbed `json:"ceiling_disturbed,omitempty"`

	Rows []Row `json:"rows"`
}

// Row is one cell over its trials. Where the cell is a search, its samples, and
// with them its metrics and problems, are the trials at the rate that holds.
type Row struct {
	metric.Row

	Trials   int // in the file
	Complete int // of those, with a measurement: the samples

	// Lengthened is the longest window of its trials, where the cell's was too
	// short for the latency and nobody had chosen it; 0 is none.
	Lengthened time.Duration

	// ServerPlaces and ClientPlaces are the Table's, of this row's trials.
	ServerPlaces, ClientPlaces []result.Place

	// Printed is the most bytes that the server wrote to standard output and
	// standard error in any trial.
	Printed int64

	Problems []Problem       // failed checks first, then warnings, then what was not judged
	Failures []Failure       // trials without a measurement
	Shared   bool            // a check could not judge: both ends use the same CPUs
	Samples  []metric.Sample // one per complete trial, in the file's order
}

// Window is the longest of the row's trials.
func (r Row) Window() time.Duration { return max(r.Cell.Window, r.Lengthened) }

// MarshalJSON writes a row with each metric by its key.
func (r Row) MarshalJSON() ([]byte, error) {
	asked := struct {
		Cell       result.Cell     `json:"cell"`
		Trials     int             `json:"trials"`
		Complete   int             `json:"complete"`
		Lengthened time.Duration   `json:"window_lengthened_ns,omitempty"`
		Search     *search.Outcome `json:"search,omitempty"`
	}{r.Cell, r.Trials, r.Complete, r.Lengthened, r.Search}
	seen := struct {
		ServerPlaces []result.Place  `json:"server_places,omitempty"`
		ClientPlaces []result.Place  `json:"client_places,omitempty"`
		Printed      int64           `json:"printed_bytes,omitempty"`
		Problems     []Problem       `json:"problems"`
		Failures     []Failure       `json:"failures"`
		Shared       bool            `json:"generator_shared"`
		Samples      []metric.Sample `json:"samples"`
	}{r.ServerPlaces, r.ClientPlaces, r.Printed, r.Problems, r.Failures, r.Shared, r.Samples}
	return metric.Join(asked, r.Row.JSON(), seen)
}

// Problem is a check that was not ok in some trials of a row. Value, Limit
// and Cure are those of the first.
type Problem struct {
	Check   string         `json:"check"`
	Verdict result.Verdict `json:"verdict"` // failed, warning or not judged
	Rounds  int            `json:"rounds"`  // in how many trials
	First   int            `json:"first"`   // the round it was first seen in
	Value   string         `json:"value"`
	Limit   string         `json:"limit"`
	Cure    string         `json:"cure,omitempty"`

	// Consequences are the checks that were not ok because of this one.
	Consequences []string `json:"consequences,omitempty"`
}

// Failure is why trials gave no measurement.
type Failure struct {
	Message string `json:"message"`
	Rounds  int    `json:"rounds"` // how many said so
	First   int    `json:"first"`  // the round it was first seen in

	// Unstarted says that the server did not start, and was not tried again.
	Unstarted bool `json:"unstarted,omitempty"`
}
