//go:build linux

// Package contract is what every server must do before its speed is worth
// knowing, as clauses that run against a server: which bytes come back, who is
// served, what is given back. It does not start servers itself, and judges no
// speed.
package contract

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"c1m/internal/proto"
)

// Clause is one rule of the contract.
type Clause struct {
	ID    string // theme.name, or ws. and the number of Autobahn's section
	Title string // a few words, for a table
	Why   string // what breaks where it is not kept, and the rule's source, in Markdown

	Protocols []proto.Protocol // where it applies
	Needs     Facts            // what it must know of a server beside its address

	limit time.Duration // for all of it, with DefaultPatience; 0 is usual
	run   func(*scene) error
}

// Facts are what can be known of a server, and done with it, beside connecting
// to its address.
type Facts uint

const (
	Processes Facts = 1 << iota // descriptors, processor time and memory are seen
	Limits                      // it can be started with few descriptors
	Stopping                    // it can be asked to stop, and started again
)

// All is known of a server that the caller starts.
const All = Processes | Limits | Stopping

// reasons says why a clause is skipped, for each fact that it needs.
var reasons = []struct {
	fact Facts
	text string
}{
	{Processes, "the server's processes cannot be observed"},
	{Limits, "the server cannot be started with few descriptors"},
	{Stopping, "the server cannot be stopped"},
}

// Clauses lists the clauses of all protocols, in the order of tables.
func Clauses() []Clause {
	var list []Clause
	for _, theme := range [][]Clause{data(), others(), leave(), resources(), stop(), upgrades(), framesAndPings(), texts(), closings(), limits()} {
		list = append(list, theme...)
	}
	return list
}

// For lists the clauses that apply to a protocol.
func For(p proto.Protocol) []Clause {
	return slices.DeleteFunc(Clauses(), func(c Clause) bool { return !slices.Contains(c.Protocols, p) })
}

// Matches reports whether a word names a clause: its id, or the beginning of
// it that ends before a dot.
func (c Clause) Matches(word string) bool {
	rest, is := strings.CutPrefix(c.ID, word)
	return is && (rest == "" || rest[0] == '.')
}

// both is where most clauses apply.
var both = []proto.Protocol{proto.Echo, proto.WebSocket}

// DefaultPatience is how long one read, write or connect may take. It is no
// statement about speed: only a server that has stopped is this slow.
const DefaultPatience = 10 * time.Second

// usual is how long a clause may take that has no limit of its own. Limits are for
// DefaultPatience; with more, they are longer by the same factor.
const usual = time.Minute

// patience is how long one read, write or connect of the target may take.
func (t Target) patience() time.Duration { return cmp.Or(t.Patience, DefaultPatience) }

// scaled returns a limit that is meant for DefaultPatience, for the target's patience.
// It is never shorter.
func (t Target) scaled(limit time.Duration) time.Duration {
	return max(limit, time.Duration(float64(limit)*float64(t.patience())/float64(DefaultPatience)))
}
