//go:build linux

package host

// Memory of one loopback connection, both ends, kernel and user, in bytes,
// including the processes themselves. Nearly all of the first value is kernel
// memory.
const (
	// EventLoopConnection is for servers with event loops: 1,007,000
	// connections took 7.1–7.5 GB in total, in 106 processes.
	EventLoopConnection = 7_500
	// GoroutineConnection adds a goroutine, its stack, a small buffer and a
	// net.Conn: 4.2 KB measured.
	GoroutineConnection = 12_000
	// PairConnection adds two goroutines, two buffers of 4 KiB and a channel:
	// 10.7 KB measured, plus part of the garbage collector's headroom.
	PairConnection = 20_000
)

// connecting is how many connects an event loop of this program's client makes
// at once.
const connecting = 256

// Load is the load that a machine should carry. The comment of each field gives
// the meaning of 0.
type Load struct {
	Conns           int   // total connections
	Busy            int   // connections that carry requests, or get notifications at once; 0: all, unless Idle
	Idle            bool  // no connection is busy
	Replicas        int   // client processes that share them; 0: 1
	ServerProcesses int   // processes that share the server's ends; 0: 1; unknown: as many as Conns
	Loops           int   // event loops per process; 0: one per CPU
	SourceAddresses int   // addresses clients connect from; 0: 1
	Destinations    int   // addresses and ports they connect to; 0: 1
	Connecting      int   // most connects at once; 0: 256 per loop of each replica
	PerConnection   int64 // memory of a connection, both ends, bytes; 0: EventLoopConnection
	Ring            bool  // the server requires io_uring
	Remote          bool  // the server is on another host: only clients are here
}

// filled returns the load with every 0 replaced by its meaning.
func (a Load) filled(f Facts) Load {
	fill := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	fill(&a.Busy, a.Conns)
	if a.Idle {
		a.Busy = 0
	}
	fill(&a.Replicas, 1)
	fill(&a.ServerProcesses, 1)
	fill(&a.Loops, max(1, f.CPUs))
	fill(&a.SourceAddresses, 1)
	fill(&a.Destinations, 1)
	fill(&a.Connecting, a.Replicas*a.Loops*connecting)
	if a.PerConnection <= 0 {
		a.PerConnection = EventLoopConnection
	}
	a.Connecting = min(a.Connecting, a.Conns)
	return a
}

// ends returns how many ends of each connection are on this host.
func (a Load) ends() int {
	if a.Remote {
		return 1
	}
	return 2
}
