//go:build linux

package host

import (
	"fmt"
	"math/bits"

	"c1m/internal/format"
)

// sourcePorts compares the connections with the number of distinct source
// addresses, source ports and destinations.
func sourcePorts(f Facts, load Load) (Finding, bool) {
	ports := f.LastPort - f.FirstPort + 1 - f.ReservedPorts
	pairs := ports * load.SourceAddresses * load.Destinations
	// If few are free the kernel searches most of the range for each connect.
	tight := pairs - pairs/10
	finding := Finding{
		Name:    "source ports",
		OK:      load.Conns <= tight,
		Warning: load.Conns > tight && load.Conns <= pairs,
		Seen: fmt.Sprintf("%d × %s × %s", ports,
			format.Plural(load.SourceAddresses, "source IP"), format.Plural(load.Destinations, "destination")),
		Need: fmt.Sprint(load.Conns),
	}
	if finding.Warning {
		finding.Need += " and a tenth in reserve"
	}
	const first, last = 1024, 65535
	widest := last - first + 1 - f.ReservedPorts
	if f.LastPort-f.FirstPort < last-first && load.Conns <= widest*load.SourceAddresses*load.Destinations*9/10 {
		finding.Fix = fmt.Sprintf(`sysctl -w net.ipv4.ip_local_port_range="%d %d"`, first, last)
	} else if ports > 0 {
		sources := share(load.Conns, max(1, ports*load.Destinations*9/10))
		finding.Fix = fmt.Sprintf("-replicas %d, each with its own source address", sources)
	}
	return finding, f.LastPort > 0
}

// acceptQueue can only warn: if the queue is full the kernel retries the connect
// after a second.
func acceptQueue(f Facts, load Load) (Finding, bool) {
	need := min(share(load.Connecting, load.ServerProcesses), 65535) // the largest sensible somaxconn
	seen, fix := f.Somaxconn, fmt.Sprintf("sysctl -w net.core.somaxconn=%d", need)
	// Without cookies the kernel refuses connections in the last quarter of the
	// queue of half-open ones.
	if half := f.SynBacklog - f.SynBacklog/4; !f.SynCookies && f.SynBacklog > 0 && half < seen {
		seen = half
		fix = fmt.Sprintf("sysctl -w net.ipv4.tcp_syncookies=1 net.core.somaxconn=%d", max(need, f.Somaxconn))
	}
	finding := Finding{
		Name:    "accept queue",
		OK:      need <= seen,
		Warning: need > seen,
		Seen:    fmt.Sprintf("%d per listener", seen),
		Need:    fmt.Sprint(need),
		Fix:     fix,
	}
	if finding.Warning {
		finding.Need += " at once; the others wait 1 s"
	}
	return finding, f.Somaxconn > 0 && !load.Remote
}

// namespaceBuckets is the table size of namespaces from scripts/netns.sh.
const namespaceBuckets = 4194304

// hashTable can only warn: for each packet the kernel searches one bucket for its
// socket, in memory that is in no cache. With 2 million sockets in 262,144
// buckets a round trip took 39 µs of processor time; with 4,194,304 buckets,
// and without conntrack, 21.
func hashTable(f Facts, load Load) (Finding, bool) {
	const perBucket = 2 // sockets
	sockets := load.ends() * load.Conns
	finding := Finding{
		Name:    "TCP hash table",
		OK:      sockets <= perBucket*f.Buckets,
		Warning: sockets > perBucket*f.Buckets,
		Seen:    fmt.Sprintf("%d buckets", f.Buckets),
		Need:    fmt.Sprint(share(sockets, perBucket)),
		Fix:     fmt.Sprintf("boot with thash_entries=%d", 1<<bits.Len(uint(max(1, sockets)-1))),
	}
	if finding.Warning && f.Buckets > 0 {
		finding.Seen += fmt.Sprintf(", %.1f sockets per bucket", float64(sockets)/float64(f.Buckets))
		finding.Need += fmt.Sprintf(", at most %d sockets per bucket", perBucket)
	}
	if !load.Remote && sockets <= perBucket*namespaceBuckets {
		finding.Fix = "scripts/netns.sh COMMAND, or " + finding.Fix
	}
	return finding, f.Buckets > 0
}

// tcpMemory judges the pages that sockets fill with data. An idle connection
// fills none: 9,000 of them showed no page; their 7.5 KB each are slab memory,
// which tcp_mem does not count. A request in flight takes two pages at any size:
// one in the receiver's queue, and one at the sender until the acknowledgement,
// which travels with the reply (4,000 in flight: 7,680 pages).
func tcpMemory(f Facts, load Load) (Finding, bool) {
	need := f.TCPPages + int64(load.ends()*load.Busy)
	return Finding{
		Name:    "TCP memory",
		OK:      need <= f.TCPPressure,
		Warning: need > f.TCPPressure && need <= f.TCPMax,
		Seen:    fmt.Sprintf("%d pages, pressure at %d", f.TCPMax, f.TCPPressure),
		Need:    fmt.Sprint(need),
		Fix:     fmt.Sprintf(`sysctl -w net.ipv4.tcp_mem="%d %d %d"`, need*3/4, need, need*3/2),
	}, f.TCPMax > 0
}

// tracking judges the table of connection tracking. If it is in use it also
// contains loopback connections, one entry each, and closed ones for up to two
// minutes; if it is full, connects time out.
func tracking(f Facts, load Load) (Finding, bool) {
	if !f.Tracking {
		return Finding{Name: "conntrack", OK: true, Seen: "not loaded", Need: "nothing"}, true
	}
	free := f.TrackedMax - f.Tracked
	finding := Finding{
		Name: "conntrack",
		OK:   free >= 2*load.Conns,
		Seen: fmt.Sprintf("%d free of %d", max(0, free), f.TrackedMax),
		Need: fmt.Sprintf("%d, twice the connections", 2*load.Conns),
		Fix:  fmt.Sprintf("sysctl -w net.netfilter.nf_conntrack_max=%d", f.Tracked+2*load.Conns),
	}
	switch {
	case finding.OK:
	case f.Tracked == 0:
		finding.Warning = true
		finding.Need = fmt.Sprintf("%d if tracking starts; none are tracked now", 2*load.Conns)
	case free >= load.Conns: // one trial fits, but the next finds its closed entries
		finding.Warning = true
	}
	return finding, true
}
