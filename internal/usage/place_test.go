//go:build linux

package usage

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"c1m/internal/proctest"
	"c1m/internal/result"
	"c1m/internal/usage/usagetest"
)

// tree writes files, name to text, below a new directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// mount is a line of mountinfo.
func mount(kind, root, point, controllers string) string {
	return fmt.Sprintf("30 20 0:29 %s %s rw,relatime - %s none rw,%s", root, point, kind, controllers)
}

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  result.Place
	}{
		{"version 1, a parent has the least", map[string]string{
			"proc/7/cgroup":                              "9:memory:/\n1:cpu,cpuacct:/a/b/c\n0::/",
			"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us":       "150000",
			"sys/fs/cgroup/cpu/a/cpu.cfs_period_us":      "100000",
			"sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us":     "25000",
			"sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us":    "50000",
			"sys/fs/cgroup/cpu/a/b/c/cpu.cfs_quota_us":   "-1",
			"sys/fs/cgroup/cpu/a/b/c/cpu.cfs_period_us":  "100000",
			"sys/fs/cgroup/cpu/x/cpu.cfs_quota_us":       "1000",
			"sys/fs/cgroup/cpu/x/cpu.cfs_period_us":      "100000",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
		}, result.Place{Quota: 0.5}},
		{"version 2, a parent has the least", map[string]string{
			"proc/7/cgroup":                    "0::/a/b",
			"sys/fs/cgroup/a/cpu.max":          "150000 100000",
			"sys/fs/cgroup/a/b/cpu.max":        "max 100000",
			"sys/fs/cgroup/a/memory.max":       "max",
			"sys/fs/cgroup/a/b/memory.max":     "536870912",
			"sys/fs/cgroup/other/cpu.max":      "1000 100000",
			"sys/fs/cgroup/cpu/a/cpu.max":      "1000 100000",
			"sys/fs/cgroup/a/b/memory.current": "1",
		}, result.Place{Quota: 1.5, Memory: 512 << 20}},
		{"version 2, inside a container", map[string]string{
			"proc/7/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 100000", "sys/fs/cgroup/memory.max": "1000000",
		}, result.Place{Quota: 0.5, Memory: 1e6}},
		{"version 1, the host's path inside a container", map[string]string{
			"proc/7/cgroup":                                           "2:cpuacct,cpu:/docker/0123",
			"proc/self/mountinfo":                                     mount("cgroup", "/docker/0123", "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct"),
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":              "50000",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us":             "100000",
			"sys/fs/cgroup/cpu,cpuacct/docker/0123/cpu.cfs_quota_us":  "1000", // another container's, inside this one
			"sys/fs/cgroup/cpu,cpuacct/docker/0123/cpu.cfs_period_us": "100000",
		}, result.Place{Quota: 0.5}},
		{"version 1 mounted elsewhere, beside an empty version 2", map[string]string{
			"proc/7/cgroup":                  "1:cpu:/a\n0::/a",
			"proc/self/mountinfo":            mount("cgroup2", "/", "/sys/fs/cgroup/unified", "nsdelegate") + "\n" + mount("cgroup", "/", "/groups/cpu", "cpu"),
			"groups/cpu/a/cpu.cfs_quota_us":  "20000",
			"groups/cpu/a/cpu.cfs_period_us": "10000",
			"sys/fs/cgroup/a/cpu.max":        "1000 100000", // not a mount
		}, result.Place{Quota: 2}},
		{"a quota above the set bounds nothing", map[string]string{
			"proc/7/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "800000 100000",
		}, result.Place{}},
		{"no limit", map[string]string{"proc/7/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"}, result.Place{}},
		{"damaged", map[string]string{"proc/7/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 0", "sys/fs/cgroup/memory.max": "much"}, result.Place{}},
		{"no groups", map[string]string{"proc/7/stat": "7"}, result.Place{}},
		{"governors", map[string]string{
			"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave",
			"sys/devices/system/cpu/cpu3/cpufreq/scaling_governor": "performance",
			"sys/devices/system/cpu/cpu5/cpufreq/scaling_governor": "powersave",
			"sys/devices/system/cpu/cpu9/cpufreq/scaling_governor": "schedutil", // not in the set
			"proc/7/cgroup": "0::/",
		}, result.Place{Governor: "performance,powersave"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Set, c.want.Width = "1,3-5", 4
			if got := placeIn(tree(t, c.files), []int{1, 3, 4, 5}, []int{7}); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestPlaceHere(t *testing.T) {
	here := Place()
	if here.Width != runtime.NumCPU() || here.Set == "" || CPUs() != here.CPUs() {
		t.Errorf("%+v, %v CPUs; the runtime knows %d", here, CPUs(), runtime.NumCPU())
	}
}

// A quota that is real, on the parent of the group a process is in.
func TestPlaceUnderAQuota(t *testing.T) {
	enter := usagetest.Quota(t, 0.5)
	out, err := exec.Command("sh", "-c", enter+" && exec "+proctest.Shell("place")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var inside result.Place
	if err := json.Unmarshal(out, &inside); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if here := Place(); inside.Quota != 0.5 || inside.CPUs() != 0.5 || inside.Loops() != 1 || inside.Width != here.Width || inside.Memory != here.Memory {
		t.Errorf("inside %+v, outside %+v", inside, here)
	}
}

// What a process pins its threads to is its own doing.
func TestPlaceOfPinnedThreads(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one CPU: nothing can be pinned to fewer")
	}
	out, err := exec.Command("taskset", "-c", "0", "true").CombinedOutput()
	if err != nil {
		t.Skipf("taskset does not work here: %v %s", err, out)
	}
	first, _, _ := strings.Cut(Place().Set, "-")
	text, err := exec.Command("sh", "-c", "exec taskset -c "+first+" "+proctest.Shell("place")).Output()
	var inside result.Place
	if err == nil {
		err = json.Unmarshal(text, &inside)
	}
	if err != nil || inside.Width != 1 {
		t.Errorf("%v: %s, want 1 CPU", err, text)
	}
	pinned := make(chan error)
	release := make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends here
		pinned <- pinTo(0)
		<-release
	}()
	defer close(release)
	if err := <-pinned; err != nil {
		t.Fatal(err)
	}
	if p := Place(); p.Width != runtime.NumCPU() {
		t.Errorf("with a pinned thread: %+v", p)
	}
}

func TestLeast(t *testing.T) {
	for _, c := range [][3]float64{{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {1, 2, 1}, {2, 1, 1}} {
		if got := least(c[0], c[1]); got != c[2] {
			t.Errorf("least(%v, %v) = %v, want %v", c[0], c[1], got, c[2])
		}
	}
}
