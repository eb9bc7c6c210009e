//go:build linux

package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/prometheus/procfs"
)

// User returns the memory the processes hold for themselves, in bytes:
// Pss_Anon + Pss_Shmem, where a page that several processes share counts in
// parts. Pages of files, the program text above all, are left out: other
// processes of the same program share them, and their share would change with
// the number of those. Processes that are gone are left out; if all are, the
// error is ErrGone.
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
	var total int64
	var found int
	for line := range bytes.Lines(rollup) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if s := string(name); s != "Pss_Anon" && s != "Pss_Shmem" {
			continue
		}
		kilobytes, unit, _ := bytes.Cut(bytes.TrimSpace(value), []byte(" "))
		n, err := strconv.ParseInt(string(kilobytes), 10, 64)
		if err != nil || string(unit) != "kB" {
			return 0, fmt.Errorf("cannot read %q", bytes.TrimSpace(line))
		}
		total += n << 10
		found++
	}
	if found != 2 {
		return 0, errors.New("no Pss_Anon and Pss_Shmem: Linux 5.3 or later has them")
	}
	return total, nil
}

// Kernel returns what the kernel of this host uses for all processes
// together, in bytes: Slab, page tables, the stacks of threads (16 KiB each on
// amd64, which is most of what a thread costs), and the buffers of TCP and UDP
// sockets. Idle sockets are slab; sockstat counts only pages that hold data.
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

// socketPages sums every mem of sockstat. Today's kernels count both families
// under the IPv4 names; one that lists its own for IPv6 is summed as well.
func socketPages(proc procfs.FS) (int64, error) {
	var pages int64
	for _, read := range []func() (*procfs.NetSockstat, error){proc.NetSockstat, proc.NetSockstat6} {
		stat, err := read()
		if errors.Is(err, fs.ErrNotExist) { // the kernel runs without IPv6
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
