//go:build linux

package host

import (
	"fmt"
	"math"
)

// reserve returns how many descriptors a process needs besides its connections:
// the standard ones, the runtime's, counters and logs, and for each loop an
// epoll, an eventfd, a timer and a listener.
func reserve(load Load) int { return 64 + 4*load.Loops }

// descriptorsOf returns the descriptors that the fullest of n processes needs if
// they share the connections evenly.
func descriptorsOf(load Load, n int) int { return share(load.Conns, n) + reserve(load) }

// uneven is the same if the kernel's hash chooses the process, as with
// SO_REUSEPORT: the share is then binomial, with a standard deviation of about
// the square root of the mean, and four of them cover the fullest of thousands.
func uneven(load Load, n int) int {
	need := descriptorsOf(load, n)
	if n > 1 {
		need += int(math.Ceil(4 * math.Sqrt(float64(share(load.Conns, n)))))
	}
	return need
}

// share returns the largest part if n share a whole.
func share(whole, n int) int { return (whole + n - 1) / n }

// fewest returns the smallest number of processes that each stay within hard,
// or 0 if there is none.
func fewest(load Load, hard uint64, need func(Load, int) int) int {
	if uint64(need(load, max(1, load.Conns))) > hard {
		return 0
	}
	// More processes never need more descriptors each: binary search.
	low, high := 1, max(1, load.Conns)
	for low < high {
		if middle := (low + high) / 2; uint64(need(load, middle)) <= hard {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

func clientDescriptors(f Facts, load Load) (Finding, bool) {
	return descriptors(f, Finding{Name: "client descriptors"}, descriptorsOf(load, load.Replicas), load.Replicas,
		"-replicas %d", fewest(load, f.Hard, descriptorsOf)), true
}

func serverDescriptors(f Facts, load Load) (Finding, bool) {
	return descriptors(f, Finding{Name: "server descriptors"}, uneven(load, load.ServerProcesses), load.ServerProcesses,
		"-modes prefork:reuseport -c %d", fewest(load, f.Hard, uneven)), !load.Remote
}

// descriptors compares the need of each process with the hard limit; the program
// raises the soft one itself.
func descriptors(f Facts, finding Finding, need, processes int, flags string, enough int) Finding {
	finding.OK = uint64(need) <= f.Hard
	finding.Seen = most(f.Hard) + " per process"
	if f.Soft < f.Hard {
		finding.Seen += fmt.Sprintf(" (%d, raised at start)", f.Soft)
	}
	finding.Need = fmt.Sprint(need)
	if processes > 1 {
		finding.Need = fmt.Sprintf("%d in each of %d", need, processes)
	}
	raise := fmt.Sprintf("as root: ulimit -n %d", need)
	if f.OpenMax > 0 && uint64(need) > f.OpenMax {
		raise = fmt.Sprintf("as root: sysctl -w fs.nr_open=%d; ulimit -n %d", need, need)
	}
	finding.Fix = raise
	if enough > 0 {
		finding.Fix = fmt.Sprintf(flags, enough) + ", or " + raise
	}
	return finding
}

// most formats a limit. Some are set to the largest number the kernel accepts.
func most(n uint64) string {
	if n > 1e12 {
		return "unlimited"
	}
	return fmt.Sprint(n)
}

func openFiles(f Facts, load Load) (Finding, bool) {
	need := f.Files + uint64(load.ends()*load.Conns)
	return Finding{
		Name: "open files",
		OK:   need <= f.FilesMax,
		Seen: most(f.FilesMax) + " on this host",
		Need: fmt.Sprintf("%d, %d of them open now", need, f.Files),
		Fix:  fmt.Sprintf("sysctl -w fs.file-max=%d", need+need/4),
	}, f.FilesMax > 0
}
