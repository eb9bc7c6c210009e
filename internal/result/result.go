// Package result defines the output of a run: the lines that replicas and servers
// print, and the run file. It merges the replicas of a trial and computes the
// server's usage in their window; it computes nothing else and renders nothing.
package result

import (
	"cmp"
	"time"

	"c1m/internal/hist"
	"c1m/internal/workload"
)

// Schema is the version of the run files that this program writes. Read refuses
// other versions.
const Schema = 1

// Header is the first line of a run file: all that is needed to repeat the run.
type Header struct {
	Schema      int         `json:"c1m"`
	Run         string      `json:"run"`     // the run's id
	Command     []string    `json:"command"` // as typed
	Started     time.Time   `json:"started"`
	Seed        uint64      `json:"seed"` // of the order of cells in each round, and of when requests are due
	Rounds      int         `json:"rounds"`
	Engine      string      `json:"engine"`
	Cells       []Cell      `json:"cells"` // in the order tables show them
	Environment Environment `json:"environment"`

	// Work is how long the works of the cells take on this machine, measured once
	// before the first trial.
	Work []WorkTime `json:"work,omitempty"`

	// Conformance is what bench conform had found of the rows that are not modes, one
	// for each row and protocol.
	Conformance []Conformance `json:"conformance,omitempty"`

	// Until is not nil if the number of rounds was open: what ends the run. Rounds
	// is then the maximum.
	Until *Until `json:"until,omitempty"`
}

// Until is what ends a run whose number of rounds is open.
type Until struct {
	// Width, if not 0, is the largest half-width of the intervals of all ratios to
	// the reference row: 0.03 is ±3%.
	Width float64 `json:"width,omitempty"`

	// Verdicts means that the run ends when every judged cell has a verdict.
	Verdicts bool `json:"verdicts,omitempty"`

	For time.Duration `json:"for_ns"` // no block starts after it
}

// WorkTime is how long a work takes for a message of Size bytes on an otherwise
// idle processor.
type WorkTime struct {
	Work string        `json:"work"`
	Size int           `json:"size"`
	Time time.Duration `json:"time_ns"`
}

// Kind is what serves a cell.
type Kind string

const (
	KindMode    Kind = "mode"    // one of our modes
	KindExec    Kind = "exec"    // a command given by the user
	KindTarget  Kind = "target"  // a server that already runs
	KindCeiling Kind = "ceiling" // no server: the machine's maximum
)

// Cell is one thing to measure. Trials are samples of the same thing if their
// cells are equal.
type Cell struct {
	Kind        Kind   `json:"kind"`
	Row         string `json:"row"`               // MODE, MODE:VARIANT, or a name given by the user
	Command     string `json:"command,omitempty"` // exec: the command; target: HOST:PORT
	Address     string `json:"address,omitempty"` // target: the address that HOST resolved to
	Metrics     string `json:"metrics,omitempty"` // target: HOST:PORT of its live metrics
	Library     string `json:"library,omitempty"` // exec of a peer: the library that serves
	Version     string `json:"version,omitempty"` // of Library, on the machine of the run
	Concurrency int    `json:"c,omitempty"`       // the server's loops, processes or workers

	// Workload is the load of all replicas together. If Upgrade is set, Row ends
	// with + and Upgrade. With an SLO each trial is a step of a search: the first
	// a closed loop, the others at the rate of the trial.
	workload.Workload

	Replicas int `json:"replicas"`
	Loops    int `json:"loops"` // event loops per replica

	// Timing is when replicas do what. Each trial has its own Drain and Seed.
	workload.Timing

	ServerCPUs []int `json:"server_cpus,omitempty"`
	ClientCPUs []int `json:"client_cpus,omitempty"`
}

// UnnamedVirtual is the Environment's Virtual of a virtual machine whose
// hypervisor is unknown.
const UnnamedVirtual = "unknown"

// Environment describes the machine of a run.
type Environment struct {
	OS        string            `json:"os"`
	Arch      string            `json:"arch"`
	Kernel    string            `json:"kernel"`
	CPU       string            `json:"cpu"` // model name
	CPUs      int               `json:"cpus"`
	Memory    int64             `json:"memory_bytes"`
	Go        string            `json:"go"`
	Version   string            `json:"version"`          // of this program
	Commit    string            `json:"commit,omitempty"` // of this program, if recorded in the build
	Limits    map[string]uint64 `json:"limits"`           // nofile.soft, nofile.hard, fs.nr_open
	Sysctls   map[string]string `json:"sysctls"`          // those that affect connections
	Variables map[string]string `json:"variables"`        // GOGC, GOMAXPROCS and similar ones, if set
	Hostname  string            `json:"hostname"`
	Virtual   string            `json:"virtual,omitempty"` // hypervisor, if detected
	Place     *Place            `json:"place,omitempty"`   // of the harness and its local processes; nil in older files
}

// Trial is one start of a server under one load: one sample of its cell.
type Trial struct {
	Round   int       `json:"round"` // from 1
	Cell    int       `json:"cell"`  // index into Header.Cells
	Started time.Time `json:"started"`

	// Rate is the requested rate, in requests per second over all replicas, if the
	// cell gives a share or a search chose it.
	Rate float64 `json:"rate,omitempty"`

	// Window is the window of this trial if the default window was too short for
	// the latency; 0 means the cell's.
	Window time.Duration `json:"window_ns,omitempty"`

	// Load is the merged result of the replicas. It is nil if the load did not
	// complete; Failure then says why.
	Load   *Replica `json:"load,omitempty"`
	Server *Server  `json:"server,omitempty"` // nil for the ceiling, and for a target without metrics

	// Harness is the longest stop of the harness itself in the window.
	Harness *Pause `json:"harness,omitempty"`

	// Ceiling is round trips per second, for the cell of kind ceiling.
	Ceiling float64 `json:"ceiling,omitempty"`

	Checks  []Check `json:"checks,omitempty"`
	Failure string  `json:"failure,omitempty"` // why there is no measurement

	// LastLook is the number of blocks of the last look that was planned before this
	// trial, if verdicts end the run: all others follow from it (stat.PlanLooks).
	LastLook int `json:"last_look,omitempty"`

	// Unstarted means that the server, or an equal one of another cell, failed its
	// first start: Failure says why, and later rounds do not try again.
	Unstarted bool `json:"unstarted,omitempty"`
}

// Verdict is the result of a check.
type Verdict string

const (
	OK      Verdict = "ok"
	Warning Verdict = "warning"
	Failed  Verdict = "failed"
	Shared  Verdict = "shared" // not applicable: both ends use the same CPUs

	NotJudged Verdict = "not judged" // too few measurements: any value would pass
)

// Check is one test of whether a trial is believable.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Value   string  `json:"value"`          // measured
	Limit   string  `json:"limit"`          // allowed
	Fix     string  `json:"cure,omitempty"` // what to change; empty if the verdict is ok

	// Follows names the check of the same trial that explains this one's verdict;
	// empty if none does.
	Follows string `json:"follows,omitempty"`
}

// Replica is the measurement of one client process, or of all of a trial, merged.
// Times are offsets from the start signal unless stated otherwise.
type Replica struct {
	Replicas  int `json:"replicas"`  // number of replicas: 1 before a merge
	Connected int `json:"connected"` // connections established when the window opened
	Kept      int `json:"kept"`      // connections established when it closed
	Active    int `json:"active"`    // busy connections that completed a round trip in the window

	// ConnectTime is from the first dial, at DialledAt by this host's clock, to the
	// last connection. Merged: from the first dial of any replica to the last
	// connection of any; the longest if a replica lacks DialledAt.
	ConnectTime time.Duration `json:"connect_ns"`
	DialledAt   time.Time     `json:"dialled_at,omitzero"`

	// Workload is what the connections carried. Merged: amounts are summed. Read
	// adds the cell's workload if the file has none.
	Workload workload.Workload `json:"workload,omitzero"`

	// Late is how long after the time of the start signal this replica was ready;
	// 0 if it was ready before.
	Late time.Duration `json:"late_ns,omitempty"`

	// The window, and the first and last reply in it. Merged: the earliest first
	// and the latest last reply. Skew is the longest time between an end of the
	// window and the nearest reply of any replica.
	Opened time.Duration `json:"opened_ns"`
	Window time.Duration `json:"window_ns"`
	First  time.Duration `json:"first_ns"`
	Last   time.Duration `json:"last_ns"`
	Skew   time.Duration `json:"skew_ns"`

	// OpenedAt is the time of day at which the window opened, by this host's
	// clock. Merged: the earliest; Apart is how much later the latest was.
	OpenedAt time.Time     `json:"opened_at,omitzero"`
	Apart    time.Duration `json:"apart_ns,omitempty"`

	// Stopped is the generator's pause with the longest stop, Delayed its longest
	// pause for any reason, as observed by its loops; nil if all were below 5 ms.
	// Suspended is how long the machine slept during the window. Merged: the
	// longest, with the replica's name.
	Stopped   *Pause        `json:"stopped,omitempty"`
	Delayed   *Pause        `json:"delayed,omitempty"`
	Suspended time.Duration `json:"suspended_ns,omitempty"`

	// With push an operation is a delivery to a subscriber; its latency counts
	// from when it was due. Missed deliveries were due to a subscriber in the
	// window and never arrived; Untimed ones were stamped by another machine's
	// clock and have no latency.
	Missed  int64 `json:"missed,omitempty"`
	Untimed int64 `json:"untimed,omitempty"`

	Operations int64           `json:"operations"` // round trips whose reply arrived in the window
	Bytes      int64           `json:"bytes"`      // received in the window
	Latency    *hist.Histogram `json:"latency"`    // of Operations, ns; open loop: of Due
	Connect    *hist.Histogram `json:"connect"`    // time to connect, per connection, ns

	// Upgrade is the time per connection from the established WebSocket connection
	// to its granted upgrade, ns.
	Upgrade *hist.Histogram `json:"upgrade,omitempty"`

	// Shares is the distribution of operations over busy connections, or of
	// deliveries over subscribers.
	Shares *hist.Shares `json:"shares,omitempty"`

	// Slices counts operations in equal slices of the window, of which the last may be
	// shorter. Slice is the length of one; 0 is FullSlice.
	Slices []int64       `json:"slices"`
	Slice  time.Duration `json:"slice_ns,omitempty"`

	// Intervals are longer than slices, and have latencies. Nil in a window of less
	// than a second, and in older files.
	Intervals *Intervals `json:"intervals,omitempty"`

	// Silences are the times without any reply; nil in older files.
	Silences Silences `json:"silences"`

	// Outstanding is the mean number of requests in flight over the window. It is
	// independent of the time stamps: requests sent minus requests answered,
	// sampled once in each slice, Samples times. In an open loop, where few are in
	// flight, that difference is integrated at each change instead.
	Outstanding float64 `json:"outstanding"`
	Samples     int     `json:"samples"`

	// Carried is the sum of the ages of the requests in flight when the window
	// opened, Left when it closed: the parts of latencies outside the window.
	// The sum of Latency - Carried + Left is Outstanding × Window.
	Carried time.Duration `json:"carried_ns"`
	Left    time.Duration `json:"left_ns"`

	// GivenUp is the summed time in flight of requests that ended inside the
	// window without a reply in time, because the connection was lost or the reply
	// came too late. Operations and Latency do not include them.
	GivenUp time.Duration `json:"given_up_ns,omitempty"`

	// At the window's end: requests in flight, and the age of the oldest.
	InFlight int           `json:"in_flight"`
	Oldest   time.Duration `json:"oldest_ns"`

	// Closed loop: connections whose request was in flight at the window's end and
	// stayed without a reply until the drain ended.
	Silent int `json:"silent,omitempty"`

	// Open loop. Due is the number of requests due inside the window. Latency
	// counts from when each was due, Raw from when it was sent. Unanswered of them
	// had no reply in time and are recorded with their age, the least of which is
	// UnansweredFrom: percentiles from there on are lower bounds. RawUnanswered and
	// RawUnansweredFrom are the same for Raw, of the requests that were sent.
	Due        int64           `json:"due,omitempty"`
	DueSlices  []int64         `json:"due_slices,omitempty"` // Due per 100 ms
	Raw        *hist.Histogram `json:"raw,omitempty"`
	Unanswered int64           `json:"unanswered,omitempty"`

	UnansweredFrom    time.Duration `json:"unanswered_from_ns,omitempty"`
	RawUnanswered     int64         `json:"raw_unanswered,omitempty"`
	RawUnansweredFrom time.Duration `json:"raw_unanswered_from_ns,omitempty"`

	// RawSum is the sum of the latencies from when sent of all Operations.
	RawSum time.Duration `json:"raw_sum_ns,omitempty"`

	// Lateness is how late the generator was: from when a request was due until the
	// generator looked at the clock, whether or not a connection was free.
	Lateness *hist.Histogram `json:"lateness,omitempty"`

	// Requests due and not yet sent when the window opened and closed.
	BacklogOpened int64 `json:"backlog_opened,omitempty"`
	BacklogClosed int64 `json:"backlog_closed,omitempty"`

	// Stages are the results of each stage of a load in stages.
	Stages StageList `json:"stages,omitempty"`

	// Connections that the generator closed and reopened. Reopened is the number
	// reestablished in the window, Reconnect the time that each took, ns. Absent is
	// the mean number of busy connections that were closed and not yet
	// reestablished, integrated at each change, as is Outstanding then.
	Reopened  int64           `json:"reopened,omitempty"`
	Reconnect *hist.Histogram `json:"reconnect,omitempty"`
	Absent    float64         `json:"absent,omitempty"`
	Storm     *Storm          `json:"storm,omitempty"`

	// Answered is how many of the busy connections ever received a reply.
	Answered int `json:"answered,omitempty"`

	// Errors counts failures by kind (see ErrorWrong and the following constants);
	// Faults describes the connections of each kind.
	Errors map[string]int64 `json:"errors,omitempty"`
	Faults map[string]Fault `json:"faults,omitempty"`

	// Hosts are the machines of the replicas. Usable is how many processors their
	// loops could use: one per loop, at most the replica's quota. Merged: each
	// machine once, and the sum of Usable. Elsewhere means that the server's
	// addresses are not on the machine of any replica.
	Hosts     []Host  `json:"hosts,omitempty"`
	Usable    float64 `json:"usable_cpus,omitempty"`
	Elsewhere bool    `json:"elsewhere,omitempty"`

	// CPU is the processor time the generator used during CPUWall, which
	// covers the window. Merged: CPU is summed, CPUWall is the mean.
	CPU     time.Duration `json:"cpu_ns"`
	CPUWall time.Duration `json:"cpu_wall_ns"`

	// Places are the processors and memory that the generator may use. Throttled
	// and Steal are the processor time that it lost to quotas and to other virtual
	// machines; nil if unknown. Merged: the first 64 different places, and the
	// largest losses.
	Places    []Place `json:"places,omitempty"`
	Throttled *Loss   `json:"throttled,omitempty"`
	Steal     *Loss   `json:"steal,omitempty"`
}

// FullSlice is the length of a slice in windows of a second or more.
const FullSlice = 100 * time.Millisecond

// SliceWidth returns the length of each of its Slices.
func (r Replica) SliceWidth() time.Duration { return cmp.Or(r.Slice, FullSlice) }

// WholeSlices returns its Slices without one that the end of the window cuts short.
func (r Replica) WholeSlices() []int64 {
	return r.Slices[:min(len(r.Slices), int(max(r.Window, 0)/r.SliceWidth()))]
}

// Asked returns how many connections were requested.
func (r Replica) Asked() int { return r.Workload.Conns }

// Busy returns how many connections were meant to carry requests.
func (r Replica) Busy() int { return r.Workload.BusyConns() }

// Throughput returns operations per second in the window; 0 if there are none.
func (r Replica) Throughput() float64 {
	if r.Window <= 0 || r.Operations <= 0 {
		return 0
	}
	return float64(r.Operations) / r.Window.Seconds()
}

// Storm is the result of closing all connections at once. Merged: the longest time
// and the sums of counts.
type Storm struct {
	Recovered time.Duration `json:"recovered_ns"` // until every busy connection had a reply and every idle one was established
	Silent    int           `json:"silent"`       // connections that did not recover
	Failures  int64         `json:"failures"`     // failed dials, which were repeated

	// Requests in flight when the connections were closed, and the sum of their
	// ages then.
	Abandoned int64         `json:"abandoned"`
	Ages      time.Duration `json:"ages_ns"`
}

// The kinds of errors a replica counts.
const (
	ErrorWrong   = "wrong bytes"   // a reply that differs from the request
	ErrorUnasked = "unasked bytes" // bytes without a request
	ErrorReset   = "reset"         // the server reset the connection
	ErrorClosed  = "closed"        // the server closed the connection
	ErrorTimeout = "timeout"       // no reply in time
	ErrorConnect = "connect"       // could not connect
	ErrorUpgrade = "upgrade"       // the server did not grant the upgrade to WebSocket
	ErrorOther   = "other"
)

// Server is the usage of a server, all processes together, measured from outside
// or reported by the server. Unknown values are nil.
type Server struct {
	Processes int   `json:"processes"`
	Host      *Host `json:"host,omitempty"` // and the processors that they may use

	// CPU is the processor time used during Wall, the window or nearly so,
	// including processes that started or exited meanwhile. Switches is the number
	// of context switches during Wall. Wall is 0 if unknown.
	CPU      time.Duration `json:"cpu_ns"`
	Wall     time.Duration `json:"wall_ns"`
	Switches *int64        `json:"switches,omitempty"`

	// User is the growth of Pss_Anon + Pss_Shmem in bytes, from before connecting to
	// after the window; Kernel that of the host's slab, page tables, thread stacks
	// and socket memory.
	User   *int64 `json:"user_bytes,omitempty"`
	Kernel *int64 `json:"kernel_bytes,omitempty"`

	// Peak is the largest growth of User seen during a storm, if it was sampled.
	Peak *int64 `json:"peak_bytes,omitempty"`

	// Stopped is the longest time for which one of the processes was stopped or
	// frozen; nil if unknown. SilentCPU is the processor time that they used in the
	// longest time without a reply.
	Stopped   *Pause         `json:"stopped,omitempty"`
	SilentCPU *time.Duration `json:"silent_cpu_ns,omitempty"`

	// Intervals is what it used in each of those of the load; nil if unknown.
	Intervals *ServerIntervals `json:"intervals,omitempty"`

	// Printed is how many bytes an -exec command wrote to standard output and
	// standard error until it exited.
	Printed int64 `json:"printed_bytes,omitempty"`

	// PerLoop is how many connections each loop or process accepted, if reported.
	PerLoop []int64 `json:"per_loop,omitempty"`

	// Notifications that slow subscribers lost, and slow subscribers that were
	// disconnected, since the server started; nil if it pushed none.
	Dropped      *int64 `json:"dropped,omitempty"`
	Disconnected *int64 `json:"disconnected,omitempty"`

	// Place is the processors and memory that it may use. Throttled and Steal are
	// the processor time that it lost to quotas and to other virtual machines.
	Place     *Place `json:"place,omitempty"`
	Throttled *Loss  `json:"throttled,omitempty"`
	Steal     *Loss  `json:"steal,omitempty"`
}

// Counted sets the values that only the server can count.
func (s *Server) Counted(c Counts) {
	s.PerLoop = c.PerLoop
	if c.Pushed+c.Dropped+c.Disconnected > 0 {
		s.Dropped, s.Disconnected = &c.Dropped, &c.Disconnected
	}
}

// Run is a run file in memory.
type Run struct {
	Header Header
	Trials []Trial

	// Truncated means that the last line was incomplete, as after a crash, and was
	// dropped.
	Truncated bool
}

// ByCell returns the trials of each cell of the header, in the order of the run. Trials
// of no cell, which only a Run made in memory can have, are left out.
func (r Run) ByCell() [][]Trial {
	trials := make([][]Trial, len(r.Header.Cells))
	for _, t := range r.Trials {
		if t.Cell >= 0 && t.Cell < len(trials) {
			trials[t.Cell] = append(trials[t.Cell], t)
		}
	}
	return trials
}

// LastLook returns the number of blocks of the last look that was planned, if verdicts
// ended the run; 0 if none was planned, or by an older program.
func (r Run) LastLook() int {
	for _, t := range r.Trials {
		if t.LastLook > 0 {
			return t.LastLook
		}
	}
	return 0
}

// RowCells returns the indices of the cells that are rows of a table: all but the
// ceiling.
func (h Header) RowCells() []int {
	cells := make([]int, 0, len(h.Cells))
	for i, c := range h.Cells {
		if c.Kind != KindCeiling {
			cells = append(cells, i)
		}
	}
	return cells
}
