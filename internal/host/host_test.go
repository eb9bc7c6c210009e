//go:build linux

package host

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
)

func TestCPUs(t *testing.T) {
	cpus := affinity.CPUs()
	if len(cpus) != runtime.NumCPU() || !slices.IsSorted(cpus) || len(slices.Compact(slices.Clone(cpus))) != len(cpus) {
		t.Errorf("CPUs = %v, want %d different ones in order", cpus, runtime.NumCPU())
	}
	// Each can be run on.
	for _, cpu := range cpus {
		unpin, err := pin(cpu)
		if err != nil {
			t.Error(err)
			continue
		}
		unpin()
	}
}

func TestRaiseDescriptors(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	lowered := unix.Rlimit{Cur: before.Max / 2, Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lowered); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &before) })

	for range 2 { // the second time nothing is left to raise
		got, err := RaiseDescriptors()
		if err != nil || got != before.Max {
			t.Fatalf("RaiseDescriptors = %d, %v, want %d", got, err, before.Max)
		}
	}
	var after unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &after); err != nil || after.Cur != before.Max || after.Max != before.Max {
		t.Errorf("limit is %+v, %v, want %d", after, err, before.Max)
	}
	out, err := exec.Command("sh", "-c", "ulimit -Sn").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(out)); got != strconv.FormatUint(before.Max, 10) {
		t.Errorf("a child has %s, want %d", got, before.Max)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("GOGC", "150")
	t.Setenv("GODEBUG", "")
	os.Unsetenv("GOMEMLIMIT")
	e := Environment("v1.2.3", "abc")
	if e.Version != "v1.2.3" || e.Commit != "abc" {
		t.Errorf("version %q, commit %q", e.Version, e.Commit)
	}
	if e.OS != "linux" || e.Arch != runtime.GOARCH || e.Go != runtime.Version() || e.CPUs != len(affinity.CPUs()) {
		t.Errorf("OS %q, Arch %q, Go %q, CPUs %d", e.OS, e.Arch, e.Go, e.CPUs)
	}
	if e.Kernel == "" || e.CPU == "" || e.Memory < 1<<20 {
		t.Errorf("Kernel %q, CPU %q, Memory %d", e.Kernel, e.CPU, e.Memory)
	}
	if e.Limits["nofile.hard"] == 0 || e.Limits["nofile.soft"] > e.Limits["nofile.hard"] || e.Limits["fs.nr_open"] == 0 {
		t.Errorf("Limits %v", e.Limits)
	}
	if ports := strings.Fields(e.Sysctls["net.ipv4.ip_local_port_range"]); len(ports) != 2 {
		t.Errorf("Sysctls %v", e.Sysctls)
	}
	if e.Variables["GOGC"] != "150" {
		t.Errorf("Variables %v", e.Variables)
	}
	if _, set := e.Variables["GODEBUG"]; !set { // empty, and set
		t.Errorf("Variables %v", e.Variables)
	}
	if _, set := e.Variables["GOMEMLIMIT"]; set {
		t.Errorf("Variables %v", e.Variables)
	}
}

func TestModel(t *testing.T) {
	for _, c := range []struct {
		cpu  procfs.CPUInfo
		want string
	}{
		{procfs.CPUInfo{ModelName: "Intel(R) Xeon(R)", VendorID: "GenuineIntel", Model: "207"}, "Intel(R) Xeon(R)"},
		{procfs.CPUInfo{VendorID: "ARM", Model: "Neoverse-N1"}, "ARM Neoverse-N1"},
		{procfs.CPUInfo{}, ""},
	} {
		if got := model(c.cpu); got != c.want {
			t.Errorf("model(%+v) = %q, want %q", c.cpu, got, c.want)
		}
	}
}
