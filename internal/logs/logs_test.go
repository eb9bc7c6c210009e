package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const operations = 18_000

// measured is what a replica with n connections says, whose latencies are
// spread so widely that its line needs several parts.
func measured(seed uint64, n int) result.Replica {
	random := rand.New(rand.NewPCG(seed, 1))
	r := result.Replica{
		Replicas: 1, Connected: n, Active: n, Workload: workload.Workload{Conns: n, Busy: n, Size: 8},
		Opened: time.Second, OpenedAt: noon, Window: time.Second,
		First: time.Second, Last: 2 * time.Second, ConnectTime: time.Millisecond,
		Latency: hist.New(), Connect: hist.New(), Slices: make([]int64, 10),
		Outstanding: float64(n), Samples: 10,
	}
	for i := range operations { // from 1 µs to 13 s
		r.Latency.Record(int64(1000 * math.Exp(16.4*random.Float64())))
		r.Operations++
		r.Slices[i%10]++
	}
	for range n {
		r.Connect.Record(1000 + random.Int64N(1_000_000))
	}
	return r
}

// log is the lines that a sender prints.
func log(t testing.TB, run, from string, lines ...result.Line) string {
	t.Helper()
	var out bytes.Buffer
	for _, l := range lines {
		l.Run, l.From = run, from
		if err := result.WriteLine(&out, l); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func ready(n int) result.Line { return result.Line{Ready: &result.Ready{PID: 1, Connected: n}} }

func done(r result.Replica) result.Line { return result.Line{Replica: &r} }

func replicaLog(t testing.TB, run string, i int) string {
	return log(t, run, fmt.Sprintf("replica-%d", i), ready(20), done(measured(uint64(i), 20)))
}

// prefixed puts a prefix before each line, as collectors do.
func prefixed(text, prefix string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(prefix + line)
	}
	return out.String()
}

func collect(t testing.TB, texts ...string) *Collection {
	t.Helper()
	c := &Collection{}
	for i, text := range texts {
		if err := c.Read(strings.NewReader(text), fmt.Sprintf("%c.log", 'a'+i)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// However logs were collected, the merge is that of the replicas themselves.
func TestMergeIsExact(t *testing.T) {
	var parts []result.Replica
	var logs []string
	for i := 1; i <= 3; i++ {
		parts = append(parts, measured(uint64(i), 20))
		logs = append(logs, replicaLog(t, "r", i))
	}
	want, err := result.Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	var shuffled []string
	for i, l := range logs {
		for line := range strings.Lines(prefixed(l, fmt.Sprintf("[pod/c1m-%d-x/client] ", i))) {
			shuffled = append(shuffled, line)
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for name, texts := range map[string][]string{
		"a file each":               logs,
		"one file":                  {strings.Join(logs, "")},
		"compose":                   {prefixed(logs[0], "client-1  | "), prefixed(logs[1], "client-2  | ") + "client-9  | hello\n" + prefixed(logs[2], "\x1b[36mclient-3  |\x1b[0m ")},
		"kubectl, lines shuffled":   {strings.Join(shuffled, "")},
		"timestamps, no newline":    {prefixed(strings.Join(logs, ""), "2026-03-01T12:00:00.000000000Z stdout F ") + "bye"},
		"carriage returns":          {strings.ReplaceAll(strings.Join(logs, ""), "\n", "\r\n")},
		"long lines of somebody":    {logs[0] + strings.Repeat("x", 3*longest) + "\n" + logs[1] + logs[2]},
		"the other order":           {logs[2], logs[1], logs[0]},
		"another run, not asked of": {logs[0], logs[1], logs[2], replicaLog(t, "other", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := collect(t, texts...).Merge("r", 3)
			if err != nil {
				t.Fatal(err)
			}
			if got.Run != "r" || len(got.Shares) != 3 || got.Load.Operations != want.Operations || got.Load.Replicas != 3 || got.Load.Asked() != 60 {
				t.Errorf("run %q, %d shares, %d operations, %d replicas, %d asked", got.Run, len(got.Shares), got.Load.Operations, got.Load.Replicas, got.Load.Asked())
			}
			for q := range 1001 {
				if a, b := got.Load.Latency.Quantile(float64(q)/1000), want.Latency.Quantile(float64(q)/1000); a != b {
					t.Fatalf("quantile %d/1000 is %v, want %v", q, a, b)
				}
			}
			for i, share := range got.Shares {
				if share.Name != fmt.Sprintf("replica-%d", i+1) || share.Throughput != operations || share.P99 != time.Duration(parts[i].Latency.Quantile(0.99)) {
					t.Errorf("share %d is %+v", i, share)
				}
			}
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	one, two, three := replicaLog(t, "r", 1), replicaLog(t, "r", 2), replicaLog(t, "r", 3)
	pieces := strings.SplitAfter(two, "\n") // ready, then the parts
	if len(pieces) < 4 {
		t.Fatalf("the result has %d lines: want several parts", len(pieces)-2)
	}
	shifted := measured(3, 20)
	shifted.Window *= 2
	failed := log(t, "r", "replica-2", result.Line{Failed: &result.Failure{Message: "connect: refused", Code: 3}})
	for _, c := range []struct {
		name   string
		texts  []string
		run    string
		expect int
		kind   error
		want   string // a part of the message
	}{
		{"one is not there", []string{one, three}, "", 3, ErrIncomplete, "1 of 3 replicas not in the logs: replica-2"},
		{"many are not there", []string{one}, "", 40, ErrIncomplete, "39 of 40 replicas not in the logs: replica-2, replica-3, replica-4, replica-5, replica-6, replica-7, replica-8, replica-9, replica-10, replica-11, and 29 more"},
		{"counted from 0", []string{replicaLog(t, "r", 0), two}, "", 3, ErrIncomplete, "not in the logs: replica-1"},
		{"names without numbers", []string{log(t, "r", "left", done(measured(1, 1)))}, "", 2, ErrIncomplete, "1 of 2 replicas not in the logs, which hold left"},
		{"one too many", []string{one, two, three}, "", 2, ErrInput, "-expect 2, but the logs contain 3 replicas: replica-1, replica-2, replica-3"},
		{"it began", []string{one, pieces[0]}, "", 0, ErrIncomplete, "1 of 2 replicas left no result: replica-2"},
		{"it failed", []string{one, failed}, "", 0, ErrIncomplete, "1 of 2 replicas failed: replica-2 (connect: refused)"},
		{"cut off between lines", []string{one, pieces[0] + pieces[1]}, "", 0, ErrInput, "b.log: the result of replica-2 is truncated: 1 of "},
		{"cut off in a line", []string{one, two[:len(two)-100]}, "", 0, ErrInput, "b.log:" + fmt.Sprint(len(pieces)-1) + ": a line of replica-2 is damaged"},
		{"a part is missing", []string{one, strings.Join(append(pieces[:1:1], pieces[2:]...), "")}, "", 0, ErrInput, "b.log: the result of replica-2 is truncated"},
		{"damaged beyond its name", []string{one, "c1m {\"ru\n"}, "", 0, ErrInput, "b.log:1: a line of an unknown sender is damaged"},
		{"twice", []string{one, two, two}, "", 2, ErrInput, "duplicate result: replica-2 (b.log:"},
		{"two of one name", []string{one, two + log(t, "r", "replica-2", done(measured(9, 20)))}, "", 2, ErrInput, "duplicate result: replica-2"},
		{"another window", []string{one, log(t, "r", "replica-3", done(shifted))}, "", 2, ErrIncomplete, "replica-3: its window is 2s from 1s, that of replica-1 is 1s from 1s"},
		{"two runs", []string{one, two, replicaLog(t, "s", 1)}, "", 0, ErrInput, `the logs contain 2 runs: "r" of 2 replicas, "s" of 1 replica; choose one with -run`},
		{"a run that is not there", []string{one}, "x", 0, ErrInput, `-run x: not in the logs; they contain "r" of 1 replica`},
		{"only a server", []string{log(t, "r", "server", ready(0))}, "", 0, ErrIncomplete, "no replica is in the logs"},
		{"nothing", []string{"hello\n", ""}, "", 0, ErrIncomplete, "no replica is in the logs"},
		{"nothing but a part", []string{pieces[1]}, "", 0, ErrInput, "a.log: the result of replica-2 is truncated"},
		{"nothing but damage", []string{"c1m {\n"}, "", 0, ErrInput, "a.log:1: a line of an unknown sender is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := collect(t, c.texts...).Merge(c.run, c.expect)
			if err == nil || !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is\n%v (%v), want\n%s (%v)", err, errors.Unwrap(err), c.want, c.kind)
			}
		})
	}
}

// Damage of another run is that run's.
func TestDamageOfAnotherRun(t *testing.T) {
	other := replicaLog(t, "other", 1)
	c := collect(t, replicaLog(t, "r", 1), other[:len(other)-50])
	if _, err := c.Merge("r", 1); err != nil {
		t.Error(err)
	}
	if _, err := c.Merge("other", 1); !errors.Is(err, ErrInput) {
		t.Errorf("the damaged run: %v", err)
	}
}

func TestServersAccount(t *testing.T) {
	use := func(seconds int, accepted int64, cpu time.Duration, user int64) result.Line {
		return result.Line{Use: &result.Use{
			At: noon.Add(time.Duration(seconds) * time.Second), Counts: result.Counts{Accepted: accepted, Open: accepted, PerLoop: []int64{accepted}},
			Processes: 1, CPU: cpu, User: &user,
		}}
	}
	ready := result.Ready{Row: "prefork:reuseport", Addr: "[::]:8972", PID: 1, Concurrency: 2, Protocol: "echo", Work: servers.Work{Sleep: time.Millisecond}, Since: noon}
	account := []result.Line{
		{Ready: &ready},
		use(-2, 0, 0, 1000), use(0, 20, 100*time.Millisecond, 5000), use(1, 20, 500*time.Millisecond, 5000), use(2, 20, 900*time.Millisecond, 6000),
	}
	for _, run := range []string{"r", ""} { // a server started by hand names no run
		got, err := collect(t, replicaLog(t, "r", 1), log(t, run, "server", account...)).Merge("", 1)
		if err != nil || got.Served != ready || got.Server == nil {
			t.Fatalf("run %q: served by %+v, server %v, %v", run, got.Served, got.Server, err)
		}
		if got.Server.CPU != 400*time.Millisecond || got.Server.Wall != time.Second || *got.Server.User != 4000 {
			t.Errorf("run %q: the server used %+v", run, got.Server)
		}
	}
}

// Accounts of several servers cannot be told apart, not even where containers
// give all the same address and process id.
func TestSeveralServers(t *testing.T) {
	ready := func(life int) result.Line {
		return result.Line{Ready: &result.Ready{Row: "epoll", Addr: "[::]:8972", PID: 1, Protocol: "echo", Since: noon.Add(time.Duration(life))}}
	}
	one, two := replicaLog(t, "r", 1), log(t, "", "server", ready(1))
	speaks := measured(2, 20)
	speaks.Workload.Protocol = "ws"
	for _, c := range []struct {
		name  string
		texts []string
		want  string // empty: no error
	}{
		{"one, its log twice", []string{one, two, two}, ""},
		{"one of this run, one of none", []string{one, log(t, "r", "server", ready(1)), log(t, "", "server", ready(2))}, ""},
		{"two of none", []string{one, two, log(t, "", "server", ready(2))}, "the logs contain 2 servers: epoll at [::]:8972 (process 1), epoll at [::]:8972 (process 1); pass only the log of the measured one"},
		{"two of this run", []string{one, log(t, "r", "server", ready(1), ready(2))}, "the logs contain 2 servers"},
		{"another's", []string{log(t, "r", "replica-1", done(speaks)), two}, "the server speaks echo, the replicas ws"},
	} {
		_, err := collect(t, c.texts...).Merge("r", 1)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want …%s…", c.name, err, c.want)
		}
	}
}

// A server's log of another day says nothing of this measurement.
func TestAnotherDaysServer(t *testing.T) {
	for _, at := range []time.Duration{-time.Hour, time.Hour} {
		said := result.Line{Use: &result.Use{At: noon.Add(at), Processes: 1}}
		_, err := collect(t, replicaLog(t, "r", 1), log(t, "", "server", said)).Merge("", 1)
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "the server's log does not cover the window, which opened at 2026-03-01T12:00:00Z") {
			t.Errorf("%v from the window: %v", at, err)
		}
	}
}

// many reads as the log of so many replicas, made while it is read.
type many struct {
	t    testing.TB
	left int
	rest bytes.Buffer
}

func (m *many) Read(b []byte) (int, error) {
	for m.rest.Len() == 0 {
		if m.left == 0 {
			return 0, io.EOF
		}
		r := measured(uint64(m.left%7), 20)
		m.rest.WriteString(log(m.t, "r", fmt.Sprintf("replica-%d", m.left), done(r)))
		m.left--
	}
	return m.rest.Read(b)
}

// A merge keeps no replica's histograms: a thousand take as little memory as a
// few.
func TestMemoryDoesNotGrow(t *testing.T) {
	kept := func(n int) (*Collection, uint64) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c := &Collection{}
		if err := c.Read(&many{t: t, left: n}, "many"); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		return c, max(after.HeapAlloc, before.HeapAlloc) - before.HeapAlloc
	}
	const n = 60
	c, grown := kept(n)
	if _, err := c.Merge("", n); err != nil {
		t.Fatal(err)
	}
	// Two histograms of a replica alone are 300 KB.
	if limit := uint64(n * 50_000); grown > limit {
		t.Errorf("%d replicas keep %d bytes, want at most %d", n, grown, limit)
	}
}

func BenchmarkMerge1000(b *testing.B) {
	text, err := io.ReadAll(&many{t: b, left: 1000})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		c := &Collection{}
		if err := c.Read(bytes.NewReader(text), "many"); err != nil {
			b.Fatal(err)
		}
		if m, err := c.Merge("", 1000); err != nil || m.Load.Replicas != 1000 {
			b.Fatal(m.Load.Replicas, err)
		}
	}
}

// Whatever logs hold, a merge is of results that are there, each once.
func FuzzRead(f *testing.F) {
	whole := replicaLog(f, "r", 1)
	f.Add(whole)
	f.Add(whole[:len(whole)/2] + whole)
	f.Add("c1m {\"v\":1,\"run\":\"r\",\"from\":\"x\",\"ready\":{\"pid\":1}}\n" + whole)
	f.Add("c1m {\"v\":1,\"from\":\"server\",\"use\":{\"at\":\"2026-03-01T12:00:00Z\",\"processes\":1,\"cpu_ns\":5}}\n" + whole)
	f.Add(jsonFile(f, whole))
	f.Add(gzipped(f, whole))
	f.Add(gzipped(f, jsonFile(f, "hello\n"+whole)))
	f.Add(utf16le(whole, true))
	f.Add(`{"log":"c1m {\"v\":1,\"from\":\"a\",\"failed\":{\"message\":\"\\u001b\"}}\n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		c := &Collection{}
		// What is no log is an error that names the file; a reader of memory has
		// no other.
		if err := c.Read(strings.NewReader(text), "fuzz"); err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz") {
				t.Fatal(err)
			}
			return
		}
		m, err := c.Merge("", 0)
		if err != nil {
			return
		}
		var operations int64
		seen := make(map[string]bool)
		for _, s := range m.Shares {
			operations += s.Operations
			if seen[s.Name] {
				t.Errorf("%s is in it twice", s.Name)
			}
			seen[s.Name] = true
		}
		if operations != m.Load.Operations {
			t.Errorf("%d operations, the replicas had %d", m.Load.Operations, operations)
		}
	})
}
