// Package result is what a run leaves behind: the lines replicas and servers
// print about themselves, and the run file made of them. It computes nothing
// but the merge of one trial's replicas and what the server used in their
// window, and renders nothing.
package result

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/workload"
)

// Schema is the version of the run file this program writes. A reader refuses
// any other.
const Schema = 1

// Header is the first line of a run file: all that is needed to redo the run.
type Header struct {
	Schema      int         `json:"c1m"`
	Run         string      `json:"run"`     // the run's id
	Command     []string    `json:"command"` // as typed
	Started     time.Time   `json:"started"`
	Seed        uint64      `json:"seed"` // orders the cells of each round, and draws when requests are due
	Rounds      int         `json:"rounds"`
	Engine      string      `json:"engine"`
	Cells       []Cell      `json:"cells"` // in the order tables show them
	Environment Environment `json:"environment"`

	// Work is what the works of the cells take on this machine, measured once
	// before the first trial.
	Work []WorkTime `json:"work,omitempty"`
}

// WorkTime is what a work takes for a message of a size, undisturbed.
type WorkTime struct {
	Work string        `json:"work"`
	Size int           `json:"size"`
	Time time.Duration `json:"time_ns"`
}

// Kind says what serves a cell.
type Kind string

const (
	KindMode    Kind = "mode"    // one of our own architectures
	KindExec    Kind = "exec"    // a command of the user's
	KindTarget  Kind = "target"  // a server that ran already
	KindCeiling Kind = "ceiling" // no server: what the machine can do at all
)

// Cell is one thing to measure. Its Row and its numbers name it; two trials
// belong together when their cells are equal.
type Cell struct {
	Kind        Kind   `json:"kind"`
	Row         string `json:"row"`               // MODE, MODE:VARIANT, or the user's name for it
	Command     string `json:"command,omitempty"` // exec: the command; target: HOST:PORT
	Address     string `json:"address,omitempty"` // target: the one that its name was found to mean
	Concurrency int    `json:"c,omitempty"`       // the server's loops, processes or workers

	// Workload is the load of all replicas together. Its Upgrade, where there is
	// one, ends the Row, after a +. With an SLO each trial is a step of a search,
	// at the rate the trial names; the first is a closed loop.
	workload.Workload

	Replicas   int           `json:"replicas"`
	Loops      int           `json:"loops"` // event loops per replica
	Warmup     time.Duration `json:"warmup_ns"`
	Window     time.Duration `json:"window_ns"`
	Timeout    time.Duration `json:"timeout_ns"`
	ServerCPUs []int         `json:"server_cpus,omitempty"`
	ClientCPUs []int         `json:"client_cpus,omitempty"`
}

// UnnamedVirtual is the Environment's Virtual of a machine that shows that it
// is virtual, but not what runs it.
const UnnamedVirtual = "unknown"

// Environment is the machine a run was made on.
type Environment struct {
	OS        string            `json:"os"`
	Arch      string            `json:"arch"`
	Kernel    string            `json:"kernel"`
	CPU       string            `json:"cpu"` // model name
	CPUs      int               `json:"cpus"`
	Memory    int64             `json:"memory_bytes"`
	Go        string            `json:"go"`
	Version   string            `json:"version"`          // of this program
	Commit    string            `json:"commit,omitempty"` // of this program, if the build knew it
	Limits    map[string]uint64 `json:"limits"`           // nofile.soft, nofile.hard, fs.nr_open
	Sysctls   map[string]string `json:"sysctls"`          // those that bear on connections
	Variables map[string]string `json:"variables"`        // GOGC, GOMAXPROCS and their like, where set
	Hostname  string            `json:"hostname"`
	Virtual   string            `json:"virtual,omitempty"` // hypervisor, if one shows itself
	Place     *Place            `json:"place,omitempty"`   // what bounds the harness, and what it starts as processes; nil in older files
}

// Trial is one server's life under one load: one sample of its cell.
type Trial struct {
	Round   int       `json:"round"` // from 1
	Cell    int       `json:"cell"`  // index into Header.Cells
	Started time.Time `json:"started"`

	// Rate is what was offered, in requests per second over all replicas, where
	// the cell gives a share or a search chose it.
	Rate float64 `json:"rate,omitempty"`

	// Window is how long was measured, where nobody chose the cell's window and
	// it was too short for the latency; 0 is the cell's.
	Window time.Duration `json:"window_ns,omitempty"`

	// Load is the replicas of the trial, merged. It is nil where no load
	// ended: then Failure says why.
	Load   *Replica `json:"load,omitempty"`
	Server *Server  `json:"server,omitempty"` // nil for a target and for the ceiling

	// Harness is the longest stop of the harness itself in the window.
	Harness *Pause `json:"harness,omitempty"`

	// Ceiling is round trips per second, for the cell of kind ceiling.
	Ceiling float64 `json:"ceiling,omitempty"`

	Checks  []Check `json:"checks,omitempty"`
	Failure string  `json:"failure,omitempty"` // why there is no measurement

	// Unstarted says that the cell's server, or another cell's of the same
	// program and settings, did not start when it was first tried: Failure says
	// why, and no later round tries again.
	Unstarted bool `json:"unstarted,omitempty"`
}

// Verdict is what a check says.
type Verdict string

const (
	OK      Verdict = "ok"
	Warning Verdict = "warning"
	Failed  Verdict = "failed"
	Shared  Verdict = "shared" // cannot be judged: both ends use the same CPUs

	NotJudged Verdict = "not judged" // what was measured is too little: any value would pass
)

// Check is one reason to believe a trial, or not to.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Value   string  `json:"value"`          // what was seen
	Limit   string  `json:"limit"`          // what is allowed
	Cure    string  `json:"cure,omitempty"` // what to change, if it is not ok

	// Follows names the check of the same trial that explains why this one is
	// not ok; empty where this one is news.
	Follows string `json:"follows,omitempty"`
}

// Replica is what one client process measured; merged, what all of a trial's did.
// Times inside it are offsets from the start signal unless they say otherwise.
type Replica struct {
	Replicas  int `json:"replicas"`  // how many are in it: 1 before a merge
	Asked     int `json:"asked"`     // connections
	Connected int `json:"connected"` // connections up when the window opened
	Kept      int `json:"kept"`      // connections up when it closed
	Busy      int `json:"busy"`      // connections meant to carry requests
	Active    int `json:"active"`    // busy connections that completed a round trip in the window

	// ConnectTime is from the first dial, which was at DialledAt by this host's
	// clock, to the last connection. Merged: from the first dial of any replica
	// to the last connection of any; the longest where one does not say when.
	ConnectTime time.Duration `json:"connect_ns"`
	DialledAt   time.Time     `json:"dialled_at,omitzero"`

	// Workload is what its connections carried. Merged: amounts are summed.
	// Reading a run file, one that lacks it has that of the trial's cell.
	Workload workload.Workload `json:"workload,omitzero"`

	// Late is how long after the start signal's time this replica was ready;
	// 0 if it was ready before.
	Late time.Duration `json:"late_ns,omitempty"`

	// The window, and the first and the last reply recorded in it.
	// Merged: the earliest first, the latest last, and in Skew the most by
	// which any replica's first or last lies inside the window's bounds.
	Opened time.Duration `json:"opened_ns"`
	Window time.Duration `json:"window_ns"`
	First  time.Duration `json:"first_ns"`
	Last   time.Duration `json:"last_ns"`
	Skew   time.Duration `json:"skew_ns"`

	// OpenedAt is the time of day at which the window opened, by this host's
	// clock. Merged: the earliest, and in Apart how much later the latest was.
	OpenedAt time.Time     `json:"opened_at,omitzero"`
	Apart    time.Duration `json:"apart_ns,omitempty"`

	// Stopped is the pause in which the generator was stopped for longest, and
	// Delayed its longest pause for any reason, as its loops saw them; nil if
	// there was none of 5 ms. Suspended is how long the machine slept in the
	// window. Merged: the longest, with the replica's name.
	Stopped   *Pause        `json:"stopped,omitempty"`
	Delayed   *Pause        `json:"delayed,omitempty"`
	Suspended time.Duration `json:"suspended_ns,omitempty"`

	// With push an operation is a delivery to a subscriber, whose latency
	// counts from when it was due. Missed are those that came in the window to
	// nobody whose turn it was; Untimed came with a stamp of another machine's
	// clock, and have no latency.
	Missed  int64 `json:"missed,omitempty"`
	Untimed int64 `json:"untimed,omitempty"`

	Operations int64           `json:"operations"` // round trips whose reply came inside the window
	Bytes      int64           `json:"bytes"`      // received in the window
	Latency    *hist.Histogram `json:"latency"`    // of those operations, ns; open loop: of those due
	Connect    *hist.Histogram `json:"connect"`    // time to connect, per connection, ns

	// Upgrade is, per connection, the time in ns from when a WebSocket was
	// connected until its upgrade was granted.
	Upgrade *hist.Histogram `json:"upgrade,omitempty"`

	// Shares is how many of the operations each busy connection had, or of
	// deliveries each subscriber.
	Shares *hist.Shares `json:"shares,omitempty"`

	// Slices counts operations in 100 ms pieces of the window.
	Slices []int64 `json:"slices"`

	// Outstanding is the mean number of requests in flight over the window,
	// sampled every 100 ms from counts of requests sent and answered, not
	// from the stamps. Samples is how often. An open loop has so few in flight
	// that samples would say little: there the same count is integrated over
	// the window, at each change.
	Outstanding float64 `json:"outstanding"`
	Samples     int     `json:"samples"`

	// The ages of the requests in flight when the window opened, summed, and
	// when it closed. They belong to latencies that lie in the window only in
	// part: the sum of Latency - Carried + Left is what was in flight × Window.
	Carried time.Duration `json:"carried_ns"`
	Left    time.Duration `json:"left_ns"`

	// GivenUp is how long requests that ended inside the window without a reply
	// in time had been in flight, summed: on connections that were lost, or
	// answered too late. They have no latency among those of Operations.
	GivenUp time.Duration `json:"given_up_ns,omitempty"`

	// At the window's end: requests in flight, and the age of the oldest.
	InFlight int           `json:"in_flight"`
	Oldest   time.Duration `json:"oldest_ns"`

	// Closed loop: connections whose request had no reply either when those in
	// flight at the window's end had been waited for.
	Silent int `json:"silent,omitempty"`

	// Open loop. Due is how many requests were due inside the window: Latency counts
	// from when each was due, Raw from when it was sent. Unanswered of them were
	// not answered in time and are recorded at their age, so that a percentile of
	// at least the least of these ages, UnansweredFrom, is at least what it
	// says. RawUnanswered and RawUnansweredFrom are the same of Raw, for those
	// that had been sent.
	Due        int64           `json:"due,omitempty"`
	DueSlices  []int64         `json:"due_slices,omitempty"` // Due in the pieces of Slices
	Raw        *hist.Histogram `json:"raw,omitempty"`
	Unanswered int64           `json:"unanswered,omitempty"`

	UnansweredFrom    time.Duration `json:"unanswered_from_ns,omitempty"`
	RawUnanswered     int64         `json:"raw_unanswered,omitempty"`
	RawUnansweredFrom time.Duration `json:"raw_unanswered_from_ns,omitempty"`

	// RawSum is the sum over Operations, replies inside the window whenever
	// they were due, of the latency from when each was sent.
	RawSum time.Duration `json:"raw_sum_ns,omitempty"`

	// Lateness is the generator's against its own schedule: from when a request
	// was due until it looked, whether or not a connection was idle.
	Lateness *hist.Histogram `json:"lateness,omitempty"`

	// Requests due and not yet sent when the window opened and closed.
	BacklogOpened int64 `json:"backlog_opened,omitempty"`
	BacklogClosed int64 `json:"backlog_closed,omitempty"`

	// Connections that were closed on purpose and opened anew. Reopened came up again in
	// the window, and Reconnect is how long each took, ns. Absent is the mean
	// number of busy connections that were closed and not up again; it, and
	// Outstanding, are then integrated over the window at each change.
	Reopened  int64           `json:"reopened,omitempty"`
	Reconnect *hist.Histogram `json:"reconnect,omitempty"`
	Absent    float64         `json:"absent,omitempty"`
	Storm     *Storm          `json:"storm,omitempty"`

	// Answered is how many of the busy connections had a reply, whenever.
	Answered int `json:"answered,omitempty"`

	// Errors counts failures by kind, of which ErrorWrong is the first, and
	// Faults says of each kind what the connections had received by then.
	Errors map[string]int64 `json:"errors,omitempty"`
	Faults map[string]Fault `json:"faults,omitempty"`

	// Hosts are the machines of the replicas, and Usable how many processors'
	// time their loops could use: one for each loop, and no more than the quota
	// of a replica lets it. Merged: each machine once, and summed. Elsewhere says
	// that the server's addresses are not on the machine of any replica.
	Hosts     []Host  `json:"hosts,omitempty"`
	Usable    float64 `json:"usable_cpus,omitempty"`
	Elsewhere bool    `json:"elsewhere,omitempty"`

	// CPU is the processor time the generator used during CPUWall, which
	// covers the window. Merged: CPU is summed, CPUWall is the mean.
	CPU     time.Duration `json:"cpu_ns"`
	CPUWall time.Duration `json:"cpu_wall_ns"`

	// Places are what bounds the generator: merged, each different one, the
	// first 64. Throttled and Steal are the processor time it lost to a quota
	// and to other virtual machines: merged, the largest share of any replica;
	// nil if not known.
	Places    []Place `json:"places,omitempty"`
	Throttled *Loss   `json:"throttled,omitempty"`
	Steal     *Loss   `json:"steal,omitempty"`
}

// Throughput is operations per second in the window; 0 if there is none.
func (r Replica) Throughput() float64 {
	if r.Window <= 0 || r.Operations <= 0 {
		return 0
	}
	return float64(r.Operations) / r.Window.Seconds()
}

// Storm is what came of closing all connections at once. Merged, times are the
// longest and counts are summed.
type Storm struct {
	Recovered time.Duration `json:"recovered_ns"` // until every busy connection was answered again and every other was up
	Silent    int           `json:"silent"`       // connections of which that was never true
	Failures  int64         `json:"failures"`     // dials that failed and were made again

	// Requests that were in flight when the connections were closed, and the
	// sum of their ages then.
	Abandoned int64         `json:"abandoned"`
	Ages      time.Duration `json:"ages_ns"`
}

// The kinds of errors a replica counts.
const (
	ErrorWrong   = "wrong bytes"   // a reply that is not what was sent
	ErrorUnasked = "unasked bytes" // bytes that no request asked for
	ErrorReset   = "reset"         // the server broke the connection
	ErrorClosed  = "closed"        // the server closed the connection
	ErrorTimeout = "timeout"       // no reply in time, or none at all
	ErrorConnect = "connect"       // could not connect
	ErrorUpgrade = "upgrade"       // the server did not grant the upgrade to WebSocket
	ErrorOther   = "other"
)

// Server is what a server used, seen from outside or by its own account; its
// processes are counted together. A value that could not be had is nil.
type Server struct {
	Processes int   `json:"processes"`
	Host      *Host `json:"host,omitempty"` // and what they may run on there

	// CPU is the processor time used over Wall, which is the window or next to
	// it; processes that came or ended meanwhile are counted. Wall is 0 where
	// that is not known. Switches, over Wall as well, are context switches.
	CPU      time.Duration `json:"cpu_ns"`
	Wall     time.Duration `json:"wall_ns"`
	Switches *int64        `json:"switches,omitempty"`

	// User is the growth of Pss_Anon + Pss_Shmem in bytes, and Kernel that of
	// slab, page tables, thread stacks and socket memory, host-wide, from before connecting
	// to after the window.
	User   *int64 `json:"user_bytes,omitempty"`
	Kernel *int64 `json:"kernel_bytes,omitempty"`

	// Peak is the most by which User was seen to grow, where it was looked at
	// while a storm lasted.
	Peak *int64 `json:"peak_bytes,omitempty"`

	// Stopped is the longest time for which one of the processes was stopped or
	// frozen, where they can be seen. SilentCPU is the processor time that they
	// used in the longest time without a reply.
	Stopped   *Pause         `json:"stopped,omitempty"`
	SilentCPU *time.Duration `json:"silent_cpu_ns,omitempty"`

	// Printed is how many bytes a command of the user's wrote to standard output
	// and standard error, in its whole life.
	Printed int64 `json:"printed_bytes,omitempty"`

	// PerLoop is how many connections each loop or process accepted, for
	// servers that say so.
	PerLoop []int64 `json:"per_loop,omitempty"`

	// Notifications lost on subscribers that were slow, and subscribers given
	// up for that, since the server began; nil if it has pushed none.
	Dropped      *int64 `json:"dropped,omitempty"`
	Disconnected *int64 `json:"disconnected,omitempty"`

	// Place is what bounds it, Throttled and Steal the processor time it lost
	// to a quota and to other virtual machines.
	Place     *Place `json:"place,omitempty"`
	Throttled *Loss  `json:"throttled,omitempty"`
	Steal     *Loss  `json:"steal,omitempty"`
}

// Counted adds what only the server itself can count.
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

	// Truncated says that the file ended in the middle of a line, as after a
	// crash. What that line would have said is lost; all before it is here.
	Truncated bool
}
