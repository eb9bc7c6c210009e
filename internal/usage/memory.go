//go:build linux

package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/prometheus/procfs"
)

// User returns the memory of processes, in bytes: Pss_Anon + Pss_Shmem, which divides a
// page by the number of processes that share it. It excludes pages of files, mostly
// program text: they are shared with other processes of the same program, so their
// part would change with the number of those. Processes that have exited are ignored;
// if all have, the error is ErrGone.
func User(pids ...int) (int64, error) {
	return sum(pids, user)
}

// user parses smaps_rollup here because procfs does not keep these two fields.
func user(pid int) (int64, error) {
	name := fmt.Sprintf("/proc/%d/smaps_rollup", pid)
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	bytes, err := private(data)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return bytes, nil
}

// private returns Pss_Anon + Pss_Shmem of a smaps_rollup, in bytes.
func private(rollup []byte) (int64, error) {
	total, found, err := sizes(rollup, "Pss_Anon", "Pss_Shmem")
	if err == nil && found != 2 {
		return 0, errors.New("no Pss_Anon and Pss_Shmem: requires Linux 5.3 or later")
	}
	return total, err
}

// sizes returns the sum of some of the lines "name: 12 kB" of a file of /proc, in bytes,
// and how many of them there are.
func sizes(data []byte, names ...string) (total int64, found int, err error) {
	for line := range bytes.Lines(data) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if !slices.Contains(names, string(name)) {
			continue
		}
		kilobytes, unit, _ := bytes.Cut(bytes.TrimSpace(value), []byte(" "))
		n, err := strconv.ParseInt(string(kilobytes), 10, 64)
		if err != nil || string(unit) != "kB" {
			return 0, 0, fmt.Errorf("cannot read %q", bytes.TrimSpace(line))
		}
		total += n << 10
		found++
	}
	return total, found, nil
}

// Kernel returns the memory that this host's kernel uses for all processes, in bytes:
// slab, page tables, thread stacks (16 KiB each on amd64, most of the cost of a
// thread), and the buffers of TCP and UDP sockets. Idle sockets are slab; sockstat
// counts only pages that hold data.
func Kernel() (int64, error) {
	return kernel(procfs.DefaultMountPoint)
}

func kernel(mount string) (int64, error) {
	proc, err := procfs.NewFS(mount)
	if err != nil {
		return 0, err
	}
	memory, err := proc.Meminfo()
	if err != nil {
		return 0, err
	}
	if memory.SlabBytes == nil || memory.PageTablesBytes == nil {
		return 0, fmt.Errorf("%s/meminfo: no Slab or no PageTables", mount)
	}
	pages, err := socketPages(proc)
	if err != nil {
		return 0, err
	}
	total := *memory.SlabBytes + *memory.PageTablesBytes
	if memory.KernelStackBytes != nil {
		total += *memory.KernelStackBytes
	}
	return int64(total) + pages*int64(os.Getpagesize()), nil
}

// socketPages sums every mem of sockstat. Current kernels count both families under
// the IPv4 names; separate ones for IPv6 are added.
func socketPages(proc procfs.FS) (int64, error) {
	var pages int64
	for _, read := range []func() (*procfs.NetSockstat, error){proc.NetSockstat, proc.NetSockstat6} {
		stat, err := read()
		if errors.Is(err, fs.ErrNotExist) { // no IPv6
			continue
		}
		if err != nil {
			return 0, err
		}
		for _, protocol := range stat.Protocols {
			if protocol.Mem != nil {
				pages += int64(*protocol.Mem)
			}
		}
	}
	return pages, nil
}

// Resident returns the resident memory of processes, in bytes, without pages of files:
// RssAnon + RssShmem. The kernel keeps these counters, so reading them costs the same for
// any amount of memory and does not stop the process; but unlike User it counts a page
// once for each process that shares it. Processes that have exited are ignored; if all
// have, the error is ErrGone.
func Resident(pids ...int) (int64, error) {
	return sum(pids, resident)
}

// resident parses status here because procfs takes three times as long.
func resident(pid int) (int64, error) {
	name := "/proc/" + strconv.Itoa(pid) + "/status"
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	total, _, err := sizes(data, "RssAnon", "RssShmem") // neither if it has exited
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return total, nil
}
