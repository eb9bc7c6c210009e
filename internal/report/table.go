package report

import (
	"time"

	"c1m/internal/format"
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
	Ceiling         *Value    `json:"ceiling_ops_per_s"`
	CeilingFailures []Failure `json:"ceiling_failures,omitempty"`

	// Disturbed is nil where no row was above the ceiling of its round.
	Disturbed *Disturbed `json:"ceiling_disturbed,omitempty"`

	Rows []Row `json:"rows"`
}

// window is the longest of the row's trials.
func (r Row) window() time.Duration { return max(r.Cell.Window, r.Lengthened) }

// Row is one cell over its trials. Where the cell is a search, its samples, and
// with them its metrics and problems, are the trials at the rate that holds.
type Row struct {
	Cell     result.Cell `json:"cell"`
	Trials   int         `json:"trials"`   // in the file
	Complete int         `json:"complete"` // of those, with a measurement: the samples

	// Lengthened is the longest window of its trials, in ns, where the cell's
	// was too short for the latency and nobody had chosen it; 0 is none.
	Lengthened time.Duration `json:"window_lengthened_ns,omitempty"`

	// Search is what a search found; nil for a cell that is none.
	Search *search.Outcome `json:"search,omitempty"`

	Metrics[*Value]

	// Throttled and Steal are the largest shares of its processors' time that
	// either end lost in any trial, to a quota and to other virtual machines.
	Throttled *float64 `json:"throttled_share,omitempty"`
	Steal     *float64 `json:"steal_share,omitempty"`

	// ServerPlaces and ClientPlaces are the Table's, of this row's trials.
	ServerPlaces []result.Place `json:"server_places,omitempty"`
	ClientPlaces []result.Place `json:"client_places,omitempty"`

	// Unanswered is, in an open loop, how many requests of all trials were
	// never answered.
	Unanswered int64 `json:"unanswered"`

	// Latencies is the fewest in any trial: what its percentiles rest on.
	Latencies int64 `json:"latencies"`

	// Active is the fewest connections that were active in any trial, of
	// those that Cell.Conns asked for.
	Active *int `json:"active"`

	// Kept is the fewest connections that were up at a window's end, for
	// connections that carry no requests.
	Kept *int `json:"kept,omitempty"`

	// LoopLeast and LoopMost are the fewest and the most connections that a
	// loop or process accepted in any trial.
	LoopLeast *int64 `json:"conns_per_loop_least"`
	LoopMost  *int64 `json:"conns_per_loop_most"`

	// Dropped and Disconnected are the most notifications, and subscribers, that
	// were lost in any trial for being slow; nil where nothing was pushed, or
	// the server does not say.
	Dropped      *int64 `json:"dropped,omitempty"`
	Disconnected *int64 `json:"disconnected,omitempty"`

	// Printed is the most bytes that the server wrote to standard output and
	// standard error in any trial.
	Printed int64 `json:"printed_bytes,omitempty"`

	Problems []Problem `json:"problems"`         // failed checks first, then warnings, then what was not judged
	Failures []Failure `json:"failures"`         // trials without a measurement
	Shared   bool      `json:"generator_shared"` // a check could not judge: both ends use the same CPUs
	Samples  []Sample  `json:"samples"`          // one per complete trial, in the file's order
}

// Sample is what one complete trial gives.
type Sample struct {
	Round int `json:"round"`
	Metrics[*float64]

	// Unanswered requests were recorded at their age. LowerBounds names the
	// latencies that rest on them, as JSON names them, or on requests beyond
	// what a histogram holds: the true ones are at least that. FewAbove names
	// the percentiles that fewer than ten durations lie above; Latencies is how
	// many those of P50 to P999 are of.
	Unanswered  int64    `json:"unanswered"`
	LowerBounds []string `json:"lower_bounds,omitempty"`
	FewAbove    []string `json:"few_above,omitempty"`
	Latencies   int64    `json:"latencies"`

	Active    int    `json:"active"`
	Kept      *int   `json:"kept,omitempty"`
	LoopLeast *int64 `json:"conns_per_loop_least"`
	LoopMost  *int64 `json:"conns_per_loop_most"`

	Dropped      *int64 `json:"dropped,omitempty"`
	Disconnected *int64 `json:"disconnected,omitempty"`

	Throttled *float64 `json:"throttled_share,omitempty"`
	Steal     *float64 `json:"steal_share,omitempty"`
}

// Metrics are the measured columns. What was not measured, or means nothing
// for so few connections or in a closed loop, is nil. In an open loop latency
// counts from when a request was due, the raw one from when it was sent.
type Metrics[T any] struct {
	Offered      T `json:"offered_per_s"`
	Throughput   T `json:"ops_per_s"`
	Bytes        T `json:"bytes_per_s"` // each way
	P50          T `json:"p50_ns"`
	P90          T `json:"p90_ns"`
	P99          T `json:"p99_ns"`
	P999         T `json:"p999_ns"`
	Max          T `json:"max_ns"`
	RawP50       T `json:"raw_p50_ns"`
	RawP99       T `json:"raw_p99_ns"`
	RawP999      T `json:"raw_p999_ns"`
	Lateness     T `json:"lateness_p99_ns"` // of the generator against its schedule, the 99th percentile
	BacklogFirst T `json:"backlog_opened"`  // requests due and not sent when the window opened
	BacklogLast  T `json:"backlog_closed"`  // and when it closed
	ServerCPU    T `json:"server_cpu_ns_per_op"`
	GeneratorCPU T `json:"generator_cpu_ns_per_op"`
	BothCPU      T `json:"both_cpu_ns_per_op"`
	User         T `json:"user_bytes_per_conn"`
	Kernel       T `json:"kernel_bytes_per_conn"` // both ends together
	CeilingShare T `json:"ceiling_share"`         // of the same round's ceiling, where that bounds the load; 1 is all of it
	ConnectRate  T `json:"connects_per_s"`
	ConnectP99   T `json:"connect_p99_ns"`
	UpgradeRate  T `json:"upgrades_per_s"` // to WebSocket, while connecting
	UpgradeP50   T `json:"upgrade_p50_ns"`
	UpgradeP99   T `json:"upgrade_p99_ns"`
	Reopened     T `json:"reopened_per_s"`
	ReconnectP99 T `json:"reconnect_p99_ns"` // of connections that were closed on purpose
	Recovered    T `json:"recovered_ns"`     // from a storm, until all were answered again
	FailedDials  T `json:"failed_dials"`     // after it
	Peak         T `json:"peak_bytes_per_conn"`
	Switches     T `json:"switches_per_op"`

	// Operations of each connection that was to have some: the least, the
	// quartiles, the most; and Jain's index of them (hist.Shares).
	ShareLeast   T `json:"ops_per_conn_least"`
	ShareP25     T `json:"ops_per_conn_p25"`
	ShareP50     T `json:"ops_per_conn_p50"`
	ShareP75     T `json:"ops_per_conn_p75"`
	ShareMost    T `json:"ops_per_conn_most"`
	JainFairness T `json:"fairness_jain"`
}

// Value is a metric over a row's samples.
type Value struct {
	N      int     `json:"n"`
	Median float64 `json:"median"`
	Least  float64 `json:"least"` // of the samples
	Most   float64 `json:"most"`

	// Low and High are the 95% interval of the median; nil with too few
	// samples for one.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`

	// AtLeast says that the median is a lower bound of the true one. Few says
	// that it is one of percentiles, in a trial of which fewer than ten
	// durations lie above.
	AtLeast bool `json:"at_least,omitempty"`
	Few     bool `json:"few_above,omitempty"`
}

// PlusMinus is the interval in words: its longer side as a percentage of the
// median.
func (v Value) PlusMinus() string { return format.PlusMinus(v.Median, v.Low, v.High) }

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
