package result

import (
	"time"

	"c1m/internal/proto"
	"c1m/servers"
)

// Line is one thing a server or a replica says about itself, on stdout, after
// the tag "c1m ". Exactly one of the pointers is set.
type Line struct {
	Run  string `json:"run,omitempty"` // the run's id
	From string `json:"from"`          // "server", or "replica-N"

	Hello    *Hello    `json:"hello,omitempty"`    // a replica has reached its harness
	Ready    *Ready    `json:"ready,omitempty"`    // a server accepts; a replica is connected
	Progress *Progress `json:"progress,omitempty"` // a replica is connecting
	Primed   *Primed   `json:"primed,omitempty"`   // a replica has had every first reply
	Closed   *Closed   `json:"closed,omitempty"`   // a replica's window is over; its connections are still open
	Replica  *Replica  `json:"replica,omitempty"`  // a replica's result
	Server   *Counts   `json:"server,omitempty"`   // a server's counts
	Use      *Use      `json:"use,omitempty"`      // what a server has used so far
	Failed   *Failure  `json:"failed,omitempty"`   // why there will be no result
}

// Hello is the first line on a connection to a harness.
type Hello struct {
	PID   int    `json:"pid"`
	Token string `json:"token,omitempty"` // which only the load's replicas were given
}

// Ready says that a server accepts connections, or that a replica's are up.
type Ready struct {
	Addr      string `json:"addr,omitempty"` // server: the address it listens on
	PID       int    `json:"pid"`
	Connected int    `json:"connected,omitempty"` // replica

	// A server's mode, and the variant if it is not the default; its loops,
	// processes or workers; what it speaks, and does per message. Since tells
	// its life from that of another with the same address and process id.
	Row         string         `json:"row,omitempty"`
	Concurrency int            `json:"c,omitempty"`
	Protocol    proto.Protocol `json:"proto,omitempty"`
	Work        servers.Work   `json:"work,omitzero"`
	Since       time.Time      `json:"since,omitzero"`
}

// Progress says how far a replica's connecting is.
type Progress struct {
	Connected int `json:"connected"`
	Asked     int `json:"asked"`
}

// Primed says that every busy connection has had its first reply.
type Primed struct {
	After time.Duration `json:"after_ns"` // since the start signal
}

// Closed says that the window is over.
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

	// Notifications sent or queued, and lost on subscribers that were slow; and
	// subscribers given up for that.
	Pushed       int64 `json:"pushed,omitempty"`
	Dropped      int64 `json:"dropped,omitempty"`
	Disconnected int64 `json:"disconnected,omitempty"`

	Last bool `json:"last,omitempty"` // the server is ending
}

// Use is what a server and its child processes have used since they began, at
// a time of the server's clock. A value that was not read is nil: reading
// memory takes long enough to be done less often than counting.
type Use struct {
	At time.Time `json:"at"`
	Counts
	Processes int           `json:"processes"`
	CPU       time.Duration `json:"cpu_ns"`                 // by children that have ended as well
	Switches  *int64        `json:"switches,omitempty"`     // context switches
	Host      *Host         `json:"host,omitempty"`         // read as seldom as memory
	Steps     []Step        `json:"steps,omitempty"`        // since the last account, in order
	User      *int64        `json:"user_bytes,omitempty"`   // Pss_Anon + Pss_Shmem
	Kernel    *int64        `json:"kernel_bytes,omitempty"` // slab, page tables, thread stacks and socket memory of the host
	Children  []Child       `json:"children,omitempty"`

	Losses *Losses `json:"losses,omitempty"`
	Place  *Place  `json:"place,omitempty"` // read as seldom as memory
}

// Step is what a server has used since it began, at a time between two accounts.
type Step struct {
	At       time.Time     `json:"at"`
	CPU      time.Duration `json:"cpu_ns"`
	Switches *int64        `json:"switches,omitempty"` // context switches
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
