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

// Part is one replica's part of a load: replica Index, from 0, of Of.
type Part struct{ Index, Of int }

// IndexVariable is the environment variable that tells a container which of
// its job's it is, from 0. Kubernetes sets it in the pods of an Indexed Job;
// the other engines do likewise, but that a swarm writes the node's id for 0.
const IndexVariable = "JOB_COMPLETION_INDEX"

// indexFromEnv stands for the index where IndexVariable has it.
const indexFromEnv = "env"

// ParsePart reads INDEX/N, or env/N where IndexVariable has the index.
func ParsePart(s string) (Part, error) {
	first, second, _ := strings.Cut(s, "/")
	fromEnv := first == indexFromEnv
	if fromEnv {
		first = os.Getenv(IndexVariable)
	}
	index, err1 := strconv.Atoi(first)
	if fromEnv && first != "" && err1 != nil { // a swarm's node, which stands for its slot 0
		index, err1 = 0, nil
	}
	of, err2 := strconv.Atoi(second)
	if err1 != nil || err2 != nil || index < 0 || index >= of {
		return Part{}, fmt.Errorf("want INDEX/N with an index from 0 to N-1, or env/N with the index in %s (now %q)", IndexVariable, os.Getenv(IndexVariable))
	}
	return Part{index, of}, nil
}

// partFromEnv is the flag of n replicas that find their index in IndexVariable.
func partFromEnv(n int) string { return "--replica=" + indexFromEnv + "/" + strconv.Itoa(n) }

// ID is the replica's name in everything it says.
func (p Part) ID() string { return "replica-" + strconv.Itoa(p.Index+1) }

// String is what ParsePart reads.
func (p Part) String() string { return strconv.Itoa(p.Index) + "/" + strconv.Itoa(p.Of) }

// SourceAddresses is how many source addresses each replica uses on loopback,
// where they cost nothing. The kernel looks for a free port in one half of its
// range before the other, and takes ten times as long when the first half
// (14,000 ports by default) is full.
func SourceAddresses(conns, replicas int) int {
	const half = 14000
	most := workload.Workload{Conns: conns}.Share(0, replicas).Conns
	return (most + half - 1) / half
}

// Sources are the addresses the replica connects from to reach host with its
// part of conns connections, from 127.0.0.2 on. None leaves the choice to the
// kernel, which is enough for a few connections of one replica, and all there
// is off loopback.
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
