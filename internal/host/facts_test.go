//go:build linux

package host

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
)

// tree writes files, name to text, below a new directory, and makes
// proc/self what it is on Linux.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "proc/7"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("7", filepath.Join(root, "proc/self")); err != nil {
		t.Fatal(err)
	}
	return root
}

const limitsText = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                96365                processes
Max open files            1024                 524288               files
`

func fullTree() map[string]string {
	return map[string]string{
		"proc/7/limits":                                limitsText,
		"proc/7/cgroup":                                "4:memory:/a/b\n1:cpu:/\n",
		"proc/sys/fs/nr_open":                          "1048576\n",
		"proc/sys/fs/file-nr":                          "575\t25\t2466183\n",
		"proc/sys/fs/file-max":                         "9223372036854775807\n",
		"proc/sys/net/ipv4/ip_local_port_range":        "32768\t60999\n",
		"proc/sys/net/ipv4/ip_local_reserved_ports":    "80,40000-40009,60990-65000\n",
		"proc/sys/net/core/somaxconn":                  "4096\n",
		"proc/sys/net/ipv4/tcp_max_syn_backlog":        "2048\n",
		"proc/sys/net/ipv4/tcp_syncookies":             "1\n",
		"proc/sys/net/ipv4/tcp_ehash_entries":          "262144\n",
		"proc/sys/net/ipv4/tcp_mem":                    "287901\t383869\t575802\n",
		"proc/net/sockstat":                            "sockets: used 31\nTCP: inuse 1 orphan 0 tw 2 alloc 1 mem 131\nUDP: inuse 0 mem 5\n",
		"proc/sys/net/netfilter/nf_conntrack_max":      "262144\n",
		"proc/sys/net/netfilter/nf_conntrack_count":    "4\n",
		"proc/meminfo":                                 "MemTotal: 4000 kB\nMemAvailable: 3000 kB\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes":   "9223372036854771712\n",
		"sys/fs/cgroup/memory/memory.usage_in_bytes":   "99\n",
		"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2000000\n",
		"sys/fs/cgroup/memory/a/memory.usage_in_bytes": "900000\n",
		"sys/fs/cgroup/memory/a/memory.stat":           "cache 500\ntotal_inactive_file 100000\n",
	}
}

func TestReadFacts(t *testing.T) {
	got, err := ReadFacts(tree(t, fullTree()))
	want := Facts{
		CPUs: len(affinity.CPUs()), Soft: 1024, Hard: 524288, OpenMax: 1048576, Files: 550, FilesMax: math.MaxInt64,
		FirstPort: 32768, LastPort: 60999, ReservedPorts: 20,
		Somaxconn: 4096, SynBacklog: 2048, SynCookies: true,
		Buckets:  262144,
		TCPPages: 131, TCPPressure: 383869, TCPMax: 575802,
		Tracking: true, Tracked: 4, TrackedMax: 262144,
		Available: 1200000, // what group a has left, its old file pages included
	}
	if err != nil || got != want {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

// A namespace without a table of its own shows the one it shares.
func TestReadFactsOfASharedTable(t *testing.T) {
	files := fullTree()
	files["proc/sys/net/ipv4/tcp_ehash_entries"] = "-524288\n"
	if got, err := ReadFacts(tree(t, files)); err != nil || got.Buckets != 524288 {
		t.Errorf("%d buckets, %v, want 524288", got.Buckets, err)
	}
}

func TestReadFactsWithoutTheRest(t *testing.T) {
	got, err := ReadFacts(tree(t, map[string]string{"proc/7/limits": strings.Replace(limitsText, "524288", "unlimited", 1)}))
	want := Facts{CPUs: len(affinity.CPUs()), Soft: 1024, Hard: math.MaxUint64}
	if err != nil || got != want {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func TestReadFactsFails(t *testing.T) {
	for name, limits := range map[string]string{
		"no line":   "Limit\nMax processes 1 1 processes\n",
		"no number": strings.Replace(limitsText, "524288", "many", 1),
		"cut short": "Max open files            1024\n",
		"empty":     "",
	} {
		if f, err := ReadFacts(tree(t, map[string]string{"proc/7/limits": limits})); err == nil {
			t.Errorf("%s: no error, %+v", name, f)
		}
	}
	if _, err := ReadFacts(t.TempDir()); err == nil {
		t.Error("no error without proc")
	}
}

func TestReadFactsHere(t *testing.T) {
	f, err := ReadFacts("/")
	if err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if f.Soft != limit.Cur || f.Hard != limit.Max {
		t.Errorf("limits %d and %d, want %d and %d", f.Soft, f.Hard, limit.Cur, limit.Max)
	}
	if f.CPUs < 1 || f.LastPort <= f.FirstPort || f.Somaxconn < 1 || f.Available < 1<<20 {
		t.Errorf("hard to believe: %+v", f)
	}
	for _, finding := range Doctor(Load{Conns: 10}) {
		if finding.Name == "limits" || finding.Name == "client descriptors" && !finding.OK {
			t.Errorf("ten connections: %+v", finding)
		}
	}
}

func TestGroupAvailable(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"version 2, limit above", map[string]string{
			"proc/7/cgroup":                     "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max":        "5000\n",
			"sys/fs/cgroup/a/memory.current":    "1500\n",
			"sys/fs/cgroup/a/memory.stat":       "anon 9\ninactive_file 500\nactive_file 400\n",
			"sys/fs/cgroup/a/b/memory.max":      "max\n",
			"sys/fs/cgroup/a/b/memory.current":  "100\n",
			"sys/fs/cgroup/other/memory.max":    "1\n",
			"sys/fs/cgroup/memory/a/memory.max": "2\n",
		}, 4000},
		{"version 2, in a container", map[string]string{
			"proc/7/cgroup":                "0::/\n",
			"sys/fs/cgroup/memory.max":     "5000\n",
			"sys/fs/cgroup/memory.current": "7000\n",
		}, 0},
		{"version 1, the host's path inside a container", map[string]string{
			"proc/7/cgroup": "4:cpu,memory:/docker/0123\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "5000\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
		}, 4000},
		{"no limit", map[string]string{"proc/7/cgroup": "4:memory:/a\n0::/\n"}, math.MaxInt64},
		{"no groups", nil, math.MaxInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, c.files)
			if got := groupAvailable(root, 7); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		list        string
		first, last int
		want        int
	}{
		{"", 1, 10, 0},
		{"5", 1, 10, 1},
		{"11", 1, 10, 0},
		{"1-10", 1, 10, 10},
		{"0-3,9-20", 1, 10, 5},
		{"20-30", 1, 10, 0},
		{"7-5", 1, 10, 0},
		{"x,2-y,3", 1, 10, 1},
	} {
		if got := within(c.list, c.first, c.last); got != c.want {
			t.Errorf("within(%q, %d, %d) = %d, want %d", c.list, c.first, c.last, got, c.want)
		}
	}
}
