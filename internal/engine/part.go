//go:build linux

package engine

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"c1m/internal/workload"
)

// Part identifies a replica's share of a load: replica Index, from 0, of Of.
type Part struct{ Index, Of int }

// IndexVariable is the environment variable with a container's index in its job,
// from 0. Kubernetes sets it in the pods of an Indexed Job; the other engines do
// the same, except that a swarm writes the node's id for 0.
const IndexVariable = "JOB_COMPLETION_INDEX"

// indexFromEnv means that IndexVariable contains the index.
const indexFromEnv = "env"

// ParsePart parses INDEX/N, or env/N with the index in IndexVariable.
func ParsePart(s string) (Part, error) {
	first, second, _ := strings.Cut(s, "/")
	fromEnv := first == indexFromEnv
	if fromEnv {
		first = os.Getenv(IndexVariable)
	}
	index, err1 := strconv.Atoi(first)
	if fromEnv && first != "" && err1 != nil { // a swarm's node id, which means slot 0
		index, err1 = 0, nil
	}
	of, err2 := strconv.Atoi(second)
	if err1 != nil || err2 != nil || index < 0 || index >= of {
		return Part{}, fmt.Errorf("want INDEX/N with an index from 0 to N-1, or env/N with the index in %s (now %q)", IndexVariable, os.Getenv(IndexVariable))
	}
	return Part{index, of}, nil
}

// partFromEnv returns the flag for n replicas with their index in IndexVariable.
func partFromEnv(n int) string { return "--replica=" + indexFromEnv + "/" + strconv.Itoa(n) }

// ID returns the replica's name in its lines.
func (p Part) ID() string { return "replica-" + strconv.Itoa(p.Index+1) }

// String returns the format that ParsePart parses.
func (p Part) String() string { return strconv.Itoa(p.Index) + "/" + strconv.Itoa(p.Of) }

// SourceAddresses is how many source addresses each replica uses on loopback,
// where they cost nothing. The kernel searches one half of its port range before
// the other, and takes ten times as long when the first half (14,000 ports by
// default) is full.
func SourceAddresses(conns, replicas int) int {
	const half = 14000
	most := workload.Workload{Conns: conns}.Share(0, replicas).Conns
	return (most + half - 1) / half
}

// Sources returns the addresses from which the replica connects to host with its
// share of conns connections, from 127.0.0.2 on. None lets the kernel choose, which
// suffices for a few connections of one replica, and is the only way off loopback.
func (p Part) Sources(host netip.Addr, conns int) []netip.Addr {
	each := SourceAddresses(conns, p.Of)
	if p.Of*each == 1 || !host.Is4() || !host.IsLoopback() {
		return nil
	}
	var list []netip.Addr
	for k := 2 + p.Index*each; k < 2+(p.Index+1)*each; k++ {
		list = append(list, netip.AddrFrom4([4]byte{127, byte(k >> 16), byte(k >> 8), byte(k)}))
	}
	return list
}
