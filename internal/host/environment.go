//go:build linux

package host

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
	"c1m/internal/result"
	"c1m/internal/usage"
)

// sysctls returns the settings that determine the number and the speed of
// connections.
func sysctls() []string {
	return []string{
		"fs.file-max",
		"fs.nr_open",
		"net.core.default_qdisc",
		"net.core.netdev_budget",
		"net.core.netdev_max_backlog",
		"net.core.rmem_max",
		"net.core.somaxconn",
		"net.core.wmem_max",
		"net.ipv4.ip_local_port_range",
		"net.ipv4.ip_local_reserved_ports",
		"net.ipv4.tcp_autocorking",
		"net.ipv4.tcp_congestion_control",
		"net.ipv4.tcp_fin_timeout",
		"net.ipv4.tcp_max_orphans",
		"net.ipv4.tcp_max_syn_backlog",
		"net.ipv4.tcp_max_tw_buckets",
		"net.ipv4.tcp_mem",
		"net.ipv4.tcp_rmem",
		"net.ipv4.tcp_syncookies",
		"net.ipv4.tcp_tw_reuse",
		"net.ipv4.tcp_wmem",
		"net.netfilter.nf_conntrack_max",
		"vm.max_map_count",
		"vm.overcommit_memory",
	}
}

// variables returns the environment variables that change the Go runtime.
func variables() []string {
	return []string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"}
}

// Environment describes this machine, with the given version and commit of this
// program. Unknown values are empty.
func Environment(version, commit string) result.Environment {
	e := result.Environment{
		OS:        runtime.GOOS,
		Arch:      runtime.GOARCH,
		CPUs:      len(affinity.CPUs()),
		Go:        runtime.Version(),
		Version:   version,
		Commit:    commit,
		Limits:    map[string]uint64{},
		Sysctls:   map[string]string{},
		Variables: map[string]string{},
	}
	place := usage.Place()
	e.Place = &place
	e.Hostname, _ = os.Hostname()
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		e.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	for _, key := range variables() {
		if value, set := os.LookupEnv(key); set {
			e.Variables[key] = value
		}
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		e.Limits["nofile.soft"], e.Limits["nofile.hard"] = limit.Cur, limit.Max
	}

	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return e
	}
	for _, key := range sysctls() {
		if words, err := proc.SysctlStrings(key); err == nil {
			e.Sysctls[key] = strings.Join(words, " ")
		}
	}
	if open, err := proc.SysctlInts("fs.nr_open"); err == nil && len(open) == 1 {
		e.Limits["fs.nr_open"] = uint64(open[0])
	}
	if memory, err := proc.Meminfo(); err == nil && memory.MemTotalBytes != nil {
		e.Memory = int64(*memory.MemTotalBytes)
	}
	if cpus, err := proc.CPUInfo(); err == nil && len(cpus) > 0 {
		e.CPU = model(cpus[0])
		e.Virtual = hypervisor(cpus[0])
	}
	return e
}

// model returns the name of a processor. ARM kernels report numbers of vendor and
// part instead of a name.
func model(cpu procfs.CPUInfo) string {
	if cpu.ModelName != "" {
		return cpu.ModelName
	}
	return strings.TrimSpace(cpu.VendorID + " " + cpu.Model)
}

// hypervisor returns the name of the hypervisor; empty if the machine does not
// show that it is virtual.
func hypervisor(cpu procfs.CPUInfo) string {
	read := func(name string) string {
		text, _ := os.ReadFile(name)
		return strings.TrimSpace(string(text))
	}
	if kind := read("/sys/hypervisor/type"); kind != "" {
		return kind
	}
	if !slices.Contains(cpu.Flags, "hypervisor") {
		return ""
	}
	if vendor := read("/sys/class/dmi/id/sys_vendor"); vendor != "" {
		return vendor
	}
	return result.UnnamedVirtual
}
