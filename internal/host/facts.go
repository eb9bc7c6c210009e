//go:build linux

package host

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"

	"c1m/internal/affinity"
)

// Facts are the limits of a machine that affect connections. A value that the
// machine does not show, for example in a container, is 0 and not judged.
type Facts struct {
	CPUs int // available to this process

	Soft, Hard uint64 // descriptors per process (RLIMIT_NOFILE)
	OpenMax    uint64 // upper limit of Hard (fs.nr_open)
	Files      uint64 // open files of the whole host now
	FilesMax   uint64 // their limit (fs.file-max)

	FirstPort, LastPort int // net.ipv4.ip_local_port_range
	ReservedPorts       int // of those, reserved by net.ipv4.ip_local_reserved_ports

	Somaxconn  int  // the longest accept queue of a listener
	SynBacklog int  // net.ipv4.tcp_max_syn_backlog
	SynCookies bool // if on, SynBacklog is not a limit

	Buckets int // of the table of established TCP connections, this namespace's or the one it shares

	TCPPages    int64 // pages that hold data of TCP sockets now
	TCPPressure int64 // above this number of pages the kernel shrinks buffers (net.ipv4.tcp_mem)
	TCPMax      int64 // above this number it drops data

	Tracking   bool // connection tracking (conntrack) is loaded
	Tracked    int  // connections tracked now
	TrackedMax int

	Available int64 // bytes of memory available without swapping, within this process's control group
}

// ReadFacts reads the facts from a file system that has proc and sys; root is "/"
// for this machine. It fails if proc is missing or does not show the descriptor
// limit.
func ReadFacts(root string) (Facts, error) {
	f := Facts{CPUs: len(affinity.CPUs())}
	proc, err := procfs.NewFS(filepath.Join(root, "proc"))
	if err != nil {
		return f, err
	}
	self, err := proc.Self()
	if err != nil {
		return f, err
	}
	// procfs reads only the soft limit of descriptors.
	if f.Soft, f.Hard, err = descriptorLimits(filepath.Join(root, "proc", strconv.Itoa(self.PID), "limits")); err != nil {
		return f, err
	}

	// The other values are missing on some kernels and in containers.
	number := func(name string, field int) int64 {
		values, err := proc.SysctlStrings(name)
		if err != nil || field >= len(values) {
			return 0
		}
		n, err := strconv.ParseUint(values[field], 10, 64)
		if err != nil {
			return 0
		}
		return int64(min(n, math.MaxInt64)) // fs.file-max may be 2⁶⁴-1
	}
	f.OpenMax = uint64(number("fs.nr_open", 0))
	f.Files = uint64(number("fs.file-nr", 0) - number("fs.file-nr", 1)) // allocated minus free
	f.FilesMax = uint64(number("fs.file-max", 0))

	f.FirstPort = int(number("net.ipv4.ip_local_port_range", 0))
	f.LastPort = int(number("net.ipv4.ip_local_port_range", 1))
	if reserved, err := proc.SysctlStrings("net.ipv4.ip_local_reserved_ports"); err == nil && len(reserved) == 1 {
		f.ReservedPorts = within(reserved[0], f.FirstPort, f.LastPort)
	}

	f.Somaxconn = int(number("net.core.somaxconn", 0))
	f.SynBacklog = int(number("net.ipv4.tcp_max_syn_backlog", 0))
	f.SynCookies = number("net.ipv4.tcp_syncookies", 0) > 0

	if entries, err := proc.SysctlStrings("net.ipv4.tcp_ehash_entries"); err == nil && len(entries) == 1 {
		// Negative: the table of the first namespace, shared.
		f.Buckets, _ = strconv.Atoi(strings.TrimPrefix(entries[0], "-"))
	}

	f.TCPPressure = number("net.ipv4.tcp_mem", 1)
	f.TCPMax = number("net.ipv4.tcp_mem", 2)
	if stat, err := proc.NetSockstat(); err == nil {
		for _, p := range stat.Protocols {
			if p.Protocol == "TCP" && p.Mem != nil {
				f.TCPPages = int64(*p.Mem)
			}
		}
	}

	f.TrackedMax = int(number("net.netfilter.nf_conntrack_max", 0))
	f.Tracking = f.TrackedMax > 0 // 0 also means "no limit", which is not judged
	f.Tracked = int(number("net.netfilter.nf_conntrack_count", 0))

	if memory, err := proc.Meminfo(); err == nil && memory.MemAvailableBytes != nil {
		f.Available = min(int64(*memory.MemAvailableBytes), groupAvailable(root, self.PID))
	}
	return f, nil
}

// descriptorLimits reads the soft and the hard limit of open files.
func descriptorLimits(name string) (soft, hard uint64, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		values, ok := strings.CutPrefix(line, "Max open files")
		if !ok {
			continue
		}
		words := strings.Fields(values)
		if len(words) < 2 {
			break
		}
		if soft, err = limit(words[0]); err != nil {
			break
		}
		if hard, err = limit(words[1]); err != nil {
			break
		}
		return soft, hard, nil
	}
	return 0, 0, fmt.Errorf("%s: has no limit of open files", name)
}

func limit(word string) (uint64, error) {
	if word == "unlimited" {
		return math.MaxUint64, nil
	}
	return strconv.ParseUint(word, 10, 64)
}

// within counts the ports from first to last that a list such as
// "8080,9000-9010" contains.
func within(list string, first, last int) int {
	var n int
	for item := range strings.SplitSeq(list, ",") {
		from, to, ranged := strings.Cut(item, "-")
		if !ranged {
			to = from
		}
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if errA == nil && errB == nil {
			n += max(0, min(b, last)-max(a, first)+1)
		}
	}
	return n
}
