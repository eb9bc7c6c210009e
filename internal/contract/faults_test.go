//go:build linux

package contract

import (
	"slices"
	"strings"
	"testing"

	"c1m/internal/proto"
)

// skipped reports whether a faulty server is not held to a clause here that it must
// keep: those that take most of the time and, for faults in the frames, those that
// have nothing to do with frames. Correct servers are held to all, if there is time.
func skipped(p proto.Protocol, id string) bool {
	if p == proto.WebSocket {
		for _, theme := range []string{"others", "leave", "rest", "fd", "mem", "cpu"} {
			if strings.HasPrefix(id, theme+".") {
				return true
			}
		}
	}
	return slices.Contains([]string{"burst", "ws.9.1", "ws.9.2", "ws.9.3", "ws.9.4", "ws.9.5", "ws.9.6"}, id)
}

// faulty are servers that each do one thing wrong, and the clauses that must notice
// it. All others must not.
var faulty = []struct {
	protocol proto.Protocol
	fault    string
	breaks   string
}{
	{proto.Echo, "correct", ""},
	{proto.Echo, "drops-byte", "data.size others.deaf others.greedy"},     // the one at 64 KiB
	{proto.Echo, "whole-messages", "data.size data.split others.stalled"}, // waits for 8 bytes, and holds up all
	{proto.Echo, "out-of-order", "data.order"},                            // swaps two messages that came together
	{proto.Echo, "greedy", "others.greedy"},                               // stays with a connection that has more
	{proto.Echo, "blocks", "others.deaf"},                                 // one writes at a time, for as long as it takes
	{proto.Echo, "late-to-some", "others.all"},                            // from the 400th connection on
	{proto.Echo, "serves-300", "others.all cpu.idle burst"},               // the others wait
	{proto.Echo, "keeps-ends", "leave.half rest.half rest.close"},         // a closed connection stays open
	{proto.Echo, "spins-at-end", "leave.half rest.half rest.close"},       // reads the end again and again
	{proto.Echo, "dies-at-reset", "leave.reset rest.reset fd.out"},
	{proto.Echo, "dies-at-end", "leave.half leave.close rest.half rest.close"},
	{proto.Echo, "leaks", "rest.half rest.reset rest.close fd.out"}, // a descriptor of each connection
	{proto.Echo, "two-each", "fd.one"},                              // descriptors per connection
	{proto.Echo, "spins-at-limit", "fd.out"},                        // accepts again at once
	{proto.Echo, "ends-at-limit", "fd.out"},                         //
	{proto.Echo, "keeps-all", "mem.deaf"},                           // queues without bound
	{proto.Echo, "polls", "cpu.idle"},                               // looks at each connection in turn, if there are many
	{proto.Echo, "closes-many", "burst"},                            // has 4,000 connections at most
	{proto.Echo, "ignores-term", "stop"},                            //
	{proto.Echo, "no-reuse", "stop"},                                // of its address

	{proto.WebSocket, "correct", ""},
	{proto.WebSocket, "wrong-accept", "upgrade.accept"},
	{proto.WebSocket, "grants-all", "upgrade.refuse"},
	{proto.WebSocket, "endless-header", "upgrade.limit"},
	{proto.WebSocket, "upgrades-in-turn", "others.upgrade stop"},
	{proto.WebSocket, "masks", "ws.mask"},
	{proto.WebSocket, "takes-unmasked", "ws.mask"},
	{proto.WebSocket, "takes-bits", "ws.3"},
	{proto.WebSocket, "takes-opcodes", "ws.4.1 ws.4.2"},
	{proto.WebSocket, "takes-long-control", "ws.2 ws.7.3"},
	{proto.WebSocket, "empty-pongs", "ws.2 ws.5"},
	{proto.WebSocket, "no-pings-between", "ws.5 ws.7.1"},
	{proto.WebSocket, "parts-are-messages", "ws.5 ws.6.valid ws.7.1 ws.9.3 ws.9.4 ws.10.1"},
	{proto.WebSocket, "takes-bad-text", "ws.6.invalid"},
	{proto.WebSocket, "refuses-rare-text", "ws.6.valid"}, // code points that are no characters
	{proto.WebSocket, "takes-bad-reason", "ws.7.5"},
	{proto.WebSocket, "takes-bad-codes", "ws.7.9"},
	{proto.WebSocket, "no-farewell", "ws.7.1"},                                                 // ends without a close frame
	{proto.WebSocket, "stays-closed", "ws.7.1"},                                                // answers the close frame and keeps the connection
	{proto.WebSocket, "talks-on", "ws.7.1"},                                                    // behind its close frame
	{proto.WebSocket, "loses-large", "ws.9.1 ws.9.2 ws.9.3 ws.9.4"},                            // ends without a word above 1 MiB
	{proto.WebSocket, "loses-mebibyte", "data.size ws.9.1 ws.9.2 ws.9.3 ws.9.4 ws.9.5 ws.9.6"}, // of exactly 1 MiB
	{proto.WebSocket, "cuts-126", "data.size ws.1.1 ws.1.2"},                                   // the shortest with a length of 3 bytes
	{proto.WebSocket, "repeats-500th", "data.order ws.9.7 ws.9.8"},                             // message of a connection
	{proto.WebSocket, "refuses-rare-codes", "ws.7.7"},                                          // above 1003
}

// Each clause notices a fault.
func TestEveryClauseHasAFault(t *testing.T) {
	noticed := make(map[string]bool)
	for _, f := range faulty {
		for _, id := range strings.Fields(f.breaks) {
			noticed[id] = true
		}
	}
	for _, c := range Clauses() {
		if !noticed[c.ID] {
			t.Errorf("%s: no server breaks it", c.ID)
		}
	}
}

// Each fault is found by the clauses that forbid it, and by no other; a correct
// server breaks none.
func TestFaults(t *testing.T) {
	for _, f := range faulty {
		t.Run(string(f.protocol)+"/"+f.fault, func(t *testing.T) {
			if f.fault != "correct" && testing.Short() {
				t.Skip("the race detector is for our servers")
			}
			t.Parallel()
			target := Target{Protocol: f.protocol, Facts: All, Start: startFault(t, string(f.protocol)+"/"+f.fault)}
			breaks := strings.Fields(f.breaks)
			for _, clause := range For(f.protocol) {
				must := slices.Contains(breaks, clause.ID)
				if !must && (f.fault != "correct" || testing.Short()) && skipped(f.protocol, clause.ID) {
					continue
				}
				r := clause.Run(t.Context(), target)
				want := Kept
				if must {
					want = Broken
				}
				if r.Verdict != want {
					t.Errorf("%s: %s; want %s; findings: %v %s", clause.ID, r.Verdict, want, Findings(r.Findings), r.Reason)
				} else if must {
					t.Logf("%s: %v", clause.ID, Findings(r.Findings))
				}
			}
			for _, id := range breaks {
				if !slices.ContainsFunc(For(f.protocol), func(c Clause) bool { return c.ID == id }) {
					t.Errorf("%s: there is no such clause", id)
				}
			}
		})
	}
}
