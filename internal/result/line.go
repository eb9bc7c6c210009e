package result

import (
	"time"

	"c1m/internal/proto"
	"c1m/servers"
)

// Line is a report of a server or a replica, printed on stdout after the tag
// "c1m ". Exactly one of the pointers is set.
type Line struct {
	Run  string `json:"run,omitempty"` // the run's id
	From string `json:"from"`          // "server", or "replica-N"

	Hello    *Hello    `json:"hello,omitempty"`    // a replica has reached its harness
	Ready    *Ready    `json:"ready,omitempty"`    // a server accepts; a replica is connected
	Progress *Progress `json:"progress,omitempty"` // a replica is connecting, or loads the server
	Primed   *Primed   `json:"primed,omitempty"`   // a replica received every first reply
	Closed   *Closed   `json:"closed,omitempty"`   // a replica's window is over; its connections are still open
	Replica  *Replica  `json:"replica,omitempty"`  // a replica's result
	Server   *Counts   `json:"server,omitempty"`   // a server's counts
	Use      *Use      `json:"use,omitempty"`      // a server's usage so far
	Failed   *Failure  `json:"failed,omitempty"`   // why there will be no result
}

// Hello is the first line on a connection to a harness.
type Hello struct {
	PID   int    `json:"pid"`
	Token string `json:"token,omitempty"` // known only to the load's replicas
}

// Ready reports that a server accepts connections, or that all connections of a
// replica are established.
type Ready struct {
	Addr      string `json:"addr,omitempty"` // server: the address it listens on
	PID       int    `json:"pid"`
	Connected int    `json:"connected,omitempty"` // replica

	// Server: its mode, with the variant if not the default; its loops, processes
	// or workers; its protocol and work. Since, its start, distinguishes it from
	// an earlier server with the same address and process id.
	Row         string         `json:"row,omitempty"`
	Concurrency int            `json:"c,omitempty"`
	Protocol    proto.Protocol `json:"proto,omitempty"`
	Work        servers.Work   `json:"work,omitzero"`
	Since       time.Time      `json:"since,omitzero"`
}

// Progress reports how many connections of a replica are established, and, if its
// harness asks for them, its counts.
type Progress struct {
	Connected int     `json:"connected"`
	Asked     int     `json:"asked"`
	Counts    *Loaded `json:"counts,omitempty"`
}

// Loaded is a replica's counts since its load began, as of its last report.
type Loaded struct {
	Replies  int64 `json:"replies"`
	InFlight int64 `json:"in_flight"` // requests sent and not answered
	Waiting  int64 `json:"waiting"`   // open loop: requests due and not sent
	Errors   int64 `json:"errors"`
}

// Add adds the counts of another replica.
func (l *Loaded) Add(o Loaded) {
	l.Replies += o.Replies
	l.InFlight += o.InFlight
	l.Waiting += o.Waiting
	l.Errors += o.Errors
}

// Primed reports that every busy connection received its first reply.
type Primed struct {
	After time.Duration `json:"after_ns"` // since the start signal
}

// Closed reports that the window is over.
type Closed struct {
	Operations int64 `json:"operations"`
}

// Counts are a server's counters. The lists have one entry per loop, process
// or worker.
type Counts struct {
	Accepted int64   `json:"accepted"`
	Open     int64   `json:"open"`
	Messages int64   `json:"messages"`
	Bytes    int64   `json:"bytes"`
	Errors   int64   `json:"errors"`
	Queued   int64   `json:"queued"`
	PerLoop  []int64 `json:"per_loop,omitempty"` // connections accepted by each

	// Notifications that were sent or queued, and that slow subscribers lost;
	// slow subscribers that were disconnected.
	Pushed       int64 `json:"pushed,omitempty"`
	Dropped      int64 `json:"dropped,omitempty"`
	Disconnected int64 `json:"disconnected,omitempty"`

	Last bool `json:"last,omitempty"` // the server is shutting down
}

// Use is the cumulative usage of a server and its child processes, at a time by
// the server's clock. Values that were not read are nil: memory takes longer to
// read than counters, so it is read less often.
type Use struct {
	At time.Time `json:"at"`
	Counts
	Processes int           `json:"processes"`
	CPU       time.Duration `json:"cpu_ns"`                 // including children that have exited
	Switches  *int64        `json:"switches,omitempty"`     // context switches
	Host      *Host         `json:"host,omitempty"`         // read as often as memory
	Steps     []Step        `json:"steps,omitempty"`        // since the previous report, in order
	User      *int64        `json:"user_bytes,omitempty"`   // Pss_Anon + Pss_Shmem
	Kernel    *int64        `json:"kernel_bytes,omitempty"` // slab, page tables, thread stacks and socket memory of the host
	Children  []Child       `json:"children,omitempty"`

	Losses *Losses `json:"losses,omitempty"`
	Place  *Place  `json:"place,omitempty"` // read as often as memory
}

// Step is a server's cumulative usage at a time between two reports.
type Step struct {
	At       time.Time     `json:"at"`
	CPU      time.Duration `json:"cpu_ns"`
	Switches *int64        `json:"switches,omitempty"`       // context switches
	Resident *int64        `json:"resident_bytes,omitempty"` // memory, without pages of files; nil if not read
	Losses   *Losses       `json:"losses,omitempty"`
}

// Child is one child process of a server.
type Child struct {
	PID  int           `json:"pid"`
	CPU  time.Duration `json:"cpu_ns"`
	User *int64        `json:"user_bytes,omitempty"`
}

// Failure is an error that ended a replica or a server.
type Failure struct {
	Message string `json:"message"`
	Code    int    `json:"code"` // the exit code that follows
}
