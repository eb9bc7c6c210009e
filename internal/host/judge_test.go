//go:build linux

package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"c1m/internal/result"
	"c1m/internal/ring"
)

// laptop is a machine as a distribution sets it up, without containers.
func laptop() Facts {
	return Facts{
		CPUs: 8, Soft: 1024, Hard: 1024, OpenMax: 1048576, Files: 12000, FilesMax: 1<<63 - 1,
		FirstPort: 32768, LastPort: 60999,
		Somaxconn: 4096, SynBacklog: 2048, SynCookies: true,
		Buckets:  131072,
		TCPPages: 100, TCPPressure: 254040, TCPMax: 381060,
		Available: 12e9,
	}
}

// small is a virtual machine of 24 GiB with a Docker engine and a hard limit
// of 20,000 descriptors, before anything was tuned.
func small() Facts {
	return Facts{
		CPUs: 2, Soft: 20000, Hard: 20000, OpenMax: 1048576, Files: 600, FilesMax: 2466183,
		FirstPort: 32768, LastPort: 60999,
		Somaxconn: 4096, SynBacklog: 2048, SynCookies: true,
		Buckets:  262144,
		TCPPages: 131, TCPPressure: 383869, TCPMax: 575802,
		Tracking: true, Tracked: 4, TrackedMax: 262144,
		Available: 24.9e9,
	}
}

// tuned is the same machine, ready for a million connections.
func tuned() Facts {
	f := small()
	f.Somaxconn, f.FirstPort, f.LastPort = 65535, 1024, 65535
	f.TCPPressure, f.TCPMax, f.TrackedMax = 2100000, 3000000, 2100000
	f.Buckets = 2097152
	return f
}

func with(f Facts, change func(*Facts)) Facts { change(&f); return f }

func million() Load {
	return Load{Conns: 1007000, Replicas: 53, ServerProcesses: 53, SourceAddresses: 53}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name  string
		facts Facts
		load  Load
		want  string // every finding that is not ok: "fail NAME: FIX" or "warn NAME: FIX", a line each
	}{
		{"laptop, few", laptop(), Load{Conns: 900}, ""},
		{"laptop, 10000", laptop(), Load{Conns: 10000}, `
fail client descriptors: -replicas 11, or as root: ulimit -n 10096
fail server descriptors: -modes prefork:reuseport -c 13, or as root: ulimit -n 10096`},
		{"laptop, hard limit raised", with(laptop(), func(f *Facts) { f.Hard = 1048576 }), Load{Conns: 10000}, ""},
		{"laptop, as many server processes as it said", laptop(), Load{Conns: 10000, Replicas: 11, ServerProcesses: 13}, ""},
		{"laptop, one server process fewer", laptop(), Load{Conns: 10000, Replicas: 11, ServerProcesses: 12}, `
fail server descriptors: -modes prefork:reuseport -c 13, or as root: ulimit -n 1046`},
		{"laptop, one replica fewer", laptop(), Load{Conns: 10000, Replicas: 10, ServerProcesses: 13}, `
fail client descriptors: -replicas 11, or as root: ulimit -n 1096`},
		{"no number of processes would do", with(laptop(), func(f *Facts) { f.Hard = 90 }), Load{Conns: 100}, `
fail client descriptors: as root: ulimit -n 196
fail server descriptors: as root: ulimit -n 196`},
		{"above fs.nr_open", with(laptop(), func(f *Facts) { f.OpenMax = 4096 }), Load{Conns: 10000, Replicas: 11}, `
fail server descriptors: -modes prefork:reuseport -c 13, or as root: sysctl -w fs.nr_open=10096; ulimit -n 10096
warn accept queue: sysctl -w net.core.somaxconn=10000`},
		{"server on another host", laptop(), Load{Conns: 10000, Replicas: 11, Remote: true}, ""},
		{"server of processes unknown", laptop(), Load{Conns: 10000, Replicas: 11, ServerProcesses: 10000}, ""},

		{"one process at its limit", small(), Load{Conns: 19900}, ""},
		{"one process above it", small(), Load{Conns: 20000}, `
fail client descriptors: -replicas 2, or as root: ulimit -n 20072
fail server descriptors: -modes prefork:reuseport -c 2, or as root: ulimit -n 20072`},
		{"a million, tuned", tuned(), million(), ""},
		{"a million, not tuned", small(), million(), `
warn TCP hash table: scripts/netns.sh COMMAND, or boot with thash_entries=2097152
fail TCP memory: sysctl -w net.ipv4.tcp_mem="1510598 2014131 3021196"
fail conntrack: sysctl -w net.netfilter.nf_conntrack_max=2014004`},
		{"a million, all idle, and tcp_mem as it was", with(small(), func(f *Facts) { f.Tracking, f.Buckets = false, 2097152 }), asking(million(), func(a *Load) { a.Idle = true }), ""},
		{"a million, mostly idle", with(small(), func(f *Facts) { f.Tracking, f.Buckets = false, 2097152 }), asking(million(), func(a *Load) { a.Busy = 10070 }), ""},
		{"a million, one process", tuned(), Load{Conns: 1007000, Replicas: 53, SourceAddresses: 53}, `
fail server descriptors: -modes prefork:reuseport -c 52, or as root: ulimit -n 1007072`},
		{"a million, goroutines", tuned(), asking(million(), func(a *Load) { a.PerConnection = PairConnection }), ""},
		{"a million, goroutines, 16 GB", with(tuned(), func(f *Facts) { f.Available = 16e9 }), asking(million(), func(a *Load) { a.PerConnection = PairConnection }), `
fail memory: -conns 720000, or more memory`},
		{"memory to the last tenth", with(tuned(), func(f *Facts) { f.Available = 8e9 }), million(), `
warn memory: -conns 960000, or more memory`},
		{"only one end's memory", with(tuned(), func(f *Facts) { f.Available = 8e9 }), asking(million(), func(a *Load) { a.Remote = true }), ""},

		{"one source address, too few ports", tuned(), Load{Conns: 1007000, Replicas: 53, ServerProcesses: 53}, `
fail source ports: -replicas 18, each with its own source address`},
		{"a wider range would do", small(), Load{Conns: 30000, Replicas: 2, ServerProcesses: 2}, `
fail source ports: sysctl -w net.ipv4.ip_local_port_range="1024 65535"`},
		{"a wider range would ease", small(), Load{Conns: 26000, Replicas: 2, ServerProcesses: 2}, `
warn source ports: sysctl -w net.ipv4.ip_local_port_range="1024 65535"`},
		{"more destinations", small(), Load{Conns: 30000, Replicas: 2, ServerProcesses: 2, Destinations: 2}, ""},
		{"reserved ports", with(tuned(), func(f *Facts) { f.ReservedPorts = 60000 }), Load{Conns: 9000}, `
fail source ports: -replicas 3, each with its own source address`},

		{"conntrack full", with(small(), func(f *Facts) { f.Tracked = 262144 }), Load{Conns: 1000}, `
fail conntrack: sysctl -w net.netfilter.nf_conntrack_max=264144`},
		{"conntrack has room for one trial", with(small(), func(f *Facts) { f.Tracked = 252144 }), Load{Conns: 10000}, `
warn conntrack: sysctl -w net.netfilter.nf_conntrack_max=272144`},
		{"conntrack has room for almost one", with(small(), func(f *Facts) { f.Tracked = 252145 }), Load{Conns: 10000}, `
fail conntrack: sysctl -w net.netfilter.nf_conntrack_max=272145`},
		{"conntrack in no use", with(tuned(), func(f *Facts) { f.Tracked, f.TrackedMax = 0, 262144 }), million(), `
warn conntrack: sysctl -w net.netfilter.nf_conntrack_max=2014000`},
		{"conntrack has just enough", with(small(), func(f *Facts) { f.Tracked = 242144 }), Load{Conns: 10000}, ""},

		{"short accept queue", with(small(), func(f *Facts) { f.Somaxconn = 128 }), Load{Conns: 10000}, `
warn accept queue: sysctl -w net.core.somaxconn=512`},
		{"short accept queue, few connections", with(small(), func(f *Facts) { f.Somaxconn = 128 }), Load{Conns: 128}, ""},
		{"short accept queues of many", with(small(), func(f *Facts) { f.Somaxconn = 128 }), Load{Conns: 10000, ServerProcesses: 4}, ""},
		{"no SYN cookies", with(small(), func(f *Facts) { f.SynCookies, f.SynBacklog = false, 256 }), Load{Conns: 10000}, `
warn accept queue: sysctl -w net.ipv4.tcp_syncookies=1 net.core.somaxconn=4096`},

		{"one end of 500000", small(), Load{Conns: 500000, Replicas: 53, SourceAddresses: 53, Remote: true}, `
warn TCP memory: sysctl -w net.ipv4.tcp_mem="375098 500131 750196"
fail conntrack: sysctl -w net.netfilter.nf_conntrack_max=1000004`},
		{"TCP memory, just above pressure", with(tuned(), func(f *Facts) { f.TCPPressure = 2014130 }), million(), `
warn TCP memory: sysctl -w net.ipv4.tcp_mem="1510598 2014131 3021196"`},

		{"two sockets a bucket", with(tuned(), func(f *Facts) { f.Buckets = 1007000 }), million(), ""},
		{"more than two sockets a bucket", with(tuned(), func(f *Facts) { f.Buckets = 1006999 }), million(), `
warn TCP hash table: scripts/netns.sh COMMAND, or boot with thash_entries=2097152`},
		{"more than two of one end's sockets a bucket", with(tuned(), func(f *Facts) { f.Buckets = 503499 }), asking(million(), func(a *Load) { a.Remote = true }), `
warn TCP hash table: boot with thash_entries=1048576`},
		{"more than the script's namespace has room for", with(laptop(), func(f *Facts) { f.Hard, f.TCPPressure, f.Available = 1048576, 1e8, 1e12 }),
			Load{Conns: 4200000, Replicas: 420, ServerProcesses: 420, SourceAddresses: 420}, `
warn TCP hash table: boot with thash_entries=16777216`},

		{"open files of the host", with(small(), func(f *Facts) { f.FilesMax = 20599 }), Load{Conns: 10000}, `
fail open files: sysctl -w fs.file-max=25750`},
		{"open files of the host, just enough", with(small(), func(f *Facts) { f.FilesMax = 20600 }), Load{Conns: 10000}, ""},
		{"a container that shows only its limit", Facts{CPUs: 2, Hard: 1048576}, Load{Conns: 10000}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got strings.Builder
			findings := Judge(c.facts, c.load)
			for _, f := range findings {
				word := "fail "
				switch {
				case f.OK && (f.Warning || f.Fails() || f.Fix != ""):
					t.Errorf("ok and not: %+v", f)
				case f.OK:
					continue
				case f.Fails() == f.Warning:
					t.Errorf("a warning that fails, or neither: %+v", f)
				case f.Warning:
					word = "warn "
				}
				got.WriteString("\n" + word + f.Name + ": " + f.Fix)
			}
			if got.String() != c.want {
				t.Errorf("got:%s\nwant:%s", got.String(), c.want)
			}
			narrow(t, findings)
		})
	}
}

func asking(a Load, change func(*Load)) Load { change(&a); return a }

// narrow checks what Write promises of its lines; a command to copy is never
// broken, so a fix of two commands may be longer.
func narrow(t *testing.T, findings []Finding) {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, findings); err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 && !strings.Contains(line, "fs.nr_open") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestFewestIsEnough takes the doctor at its word: the number of processes it
// names is enough, and one fewer is not.
func TestFewestIsEnough(t *testing.T) {
	for _, hard := range []uint64{300, 1024, 4096, 20000, 1048576} {
		for _, conns := range []int{1, 2, 235, 1000, 19928, 19929, 100000, 1007000} {
			load := Load{Conns: conns}.filled(Facts{CPUs: 2})
			for name, need := range map[string]func(Load, int) int{"clients": descriptorsOf, "servers": uneven} {
				n := fewest(load, hard, need)
				if n < 1 || uint64(need(load, n)) > hard {
					t.Errorf("%s, %d connections, limit %d: %d processes are not enough", name, conns, hard, n)
				}
				if n > 1 && uint64(need(load, n-1)) <= hard {
					t.Errorf("%s, %d connections, limit %d: %d processes are too many", name, conns, hard, n)
				}
			}
		}
	}
}

func TestJudgeListsWhatItLookedAt(t *testing.T) {
	names := func(f Facts, a Load) string {
		var all []string
		for _, finding := range Judge(f, a) {
			if finding.Seen == "" || finding.Need == "" {
				t.Errorf("says nothing: %+v", finding)
			}
			all = append(all, finding.Name)
		}
		return strings.Join(all, ", ")
	}
	const all = "client descriptors, server descriptors, open files, source ports, accept queue, TCP hash table, TCP memory, conntrack, memory"
	if got := names(small(), Load{Conns: 10}); got != all {
		t.Errorf("got %s", got)
	}
	if got := names(small(), Load{Conns: 10, Remote: true}); got != "client descriptors, open files, source ports, TCP hash table, TCP memory, conntrack, memory" {
		t.Errorf("remote: got %s", got)
	}
	if got := names(Facts{Hard: 1024}, Load{Conns: 10}); got != "client descriptors, server descriptors, conntrack" {
		t.Errorf("unknown machine: got %s", got)
	}
}

func TestHashTableNamesTheFigure(t *testing.T) {
	got, _ := hashTable(small(), million())
	want := Finding{
		Name: "TCP hash table", Warning: true,
		Seen: "262144 buckets, 7.7 sockets per bucket", Need: "1007000, at most 2 sockets per bucket",
		Fix: "scripts/netns.sh COMMAND, or boot with thash_entries=2097152",
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// What the doctor believes of scripts/netns.sh is what it makes.
func TestNamespaceBucketsAreTheScripts(t *testing.T) {
	script, err := os.ReadFile("../../scripts/netns.sh")
	if want := fmt.Sprintf("\nbuckets=%d ", namespaceBuckets); err != nil || !strings.Contains(string(script), want) {
		t.Errorf("%v, or no %q in the script", err, want)
	}
}

func TestWrite(t *testing.T) {
	var out bytes.Buffer
	err := Write(&out, []Finding{
		{Name: "memory", OK: true, Seen: "24.3 GB available", Need: "about 85 MB"},
		{Name: "conntrack", Warning: true, Seen: "10000 free of 262144", Need: "20000, twice the connections that were asked for", Fix: "sysctl -w a=1"},
		{Name: "x", Seen: "1", Need: "2", Fix: "more"},
	})
	const want = `ok    memory     24.3 GB available; needs about 85 MB
warn  conntrack  10000 free of 262144
                 needs 20000, twice the connections that were asked for
      fix: sysctl -w a=1
FAIL  x          1; needs 2
      fix: more
`
	if err != nil || out.String() != want {
		t.Errorf("%v\ngot:\n%s\nwant:\n%s", err, out.String(), want)
	}
	full := errors.New("disk full")
	if err := Write(failing{full}, []Finding{{Name: "x"}}); !errors.Is(err, full) {
		t.Errorf("Write to a failing writer: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A machine without io_uring can run all modes but one, and is told how to change it.
func TestRings(t *testing.T) {
	if f := rings(nil, Load{Ring: true}); !f.OK || f.Warning || f.Fix != "" {
		t.Errorf("%+v", f)
	}
	why := &ring.Unsupported{Seen: "it is off", Fix: "turn it on"}
	if f := rings(why, Load{}); f.OK || f.Fails() || f.Seen != "it is off" || f.Fix != "turn it on" {
		t.Errorf("%+v", f)
	}
	if f := rings(why, Load{Ring: true}); !f.Fails() {
		t.Errorf("%+v; want that it fails", f)
	}
}

// A quota warns, and names what there really is.
func TestProcessors(t *testing.T) {
	free := processors(result.Place{Width: 2, Governor: "performance"})
	if !free.OK || free.Warning || free.Fails() || free.Seen != "2 CPUs, governor performance" || free.Fix != "" {
		t.Errorf("%+v", free)
	}
	half := processors(result.Place{Width: 2, Quota: 0.5})
	if half.OK || !half.Warning || half.Fails() || half.Seen != "0.5 of 2 CPUs (quota)" || half.Fix == "" {
		t.Errorf("%+v", half)
	}
}
