package result

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/workload"
)

// replica is what one replica might say that saw these latencies, in ns, in a
// window of 1 s from 500 ms on.
func replica(connections int, latencies ...int64) Replica {
	r := Replica{
		Replicas: 1, Connected: connections, Active: connections,
		ConnectTime: time.Duration(connections) * time.Millisecond,
		Workload:    workload.Workload{Conns: connections, Size: 8},
		Opened:      500 * time.Millisecond,
		Window:      time.Second,
		First:       510 * time.Millisecond,
		Last:        1490 * time.Millisecond,
		Latency:     hist.New(),
		Connect:     hist.New(),
		Slices:      make([]int64, 10),
		Outstanding: float64(connections),
		Samples:     10,
		CPU:         time.Duration(connections) * time.Microsecond,
		CPUWall:     time.Second,
	}
	for i, ns := range latencies {
		r.Latency.Record(ns)
		r.Operations++
		r.Bytes += 8
		r.Slices[i%10]++
	}
	for range connections {
		r.Connect.Record(1000)
	}
	return r
}

// openLoop makes r what an open loop at that rate might say.
func (r *Replica) openLoop(rate float64, due int64, raw ...int64) {
	r.Workload.Rate, r.Due = rate, due
	r.Raw, r.Lateness = hist.New(), hist.New()
	for _, ns := range raw {
		r.Raw.Record(ns)
		r.Lateness.Record(ns / 2)
		r.RawSum += time.Duration(ns)
	}
}

func TestMerge(t *testing.T) {
	a := replica(2, 1000, 2000, 3000)
	a.First, a.Last = 530*time.Millisecond, 1450*time.Millisecond
	a.Errors = map[string]int64{ErrorReset: 1}
	a.InFlight, a.Oldest, a.Carried, a.Left = 2, 5*time.Millisecond, 4*time.Microsecond, 5*time.Microsecond
	b := replica(3, 4000)
	b.First, b.Last = 510*time.Millisecond, 1490*time.Millisecond
	b.Errors = map[string]int64{ErrorReset: 2, ErrorTimeout: 1}
	b.InFlight, b.Oldest, b.Carried, b.Left = 1, 9*time.Millisecond, 10*time.Microsecond, 20*time.Microsecond
	b.CPUWall, b.Late, b.Samples = 3*time.Second, time.Millisecond, 9
	a.openLoop(100, 3, 1500, 2500)
	b.openLoop(200, 4, 3500)
	b.Unanswered, b.BacklogOpened, b.BacklogClosed = 1, 2, 5
	a.BacklogOpened, a.BacklogClosed = 1, 1
	b.UnansweredFrom, b.RawUnanswered, b.RawUnansweredFrom = 9*time.Millisecond, 1, 7*time.Millisecond
	a.GivenUp, b.GivenUp = time.Second, 2*time.Second
	a.Shares, b.Shares = sharesOf(1, 2), sharesOf(0, 0, 1)
	before := text(t, []Replica{a, b})

	got, err := Merge([]Replica{a, b})
	if err != nil {
		t.Fatal(err)
	}
	if text(t, []Replica{a, b}) != before {
		t.Error("Merge changed what it merged")
	}
	want := Replica{
		Replicas: 2, Connected: 5, Active: 5,
		ConnectTime: 3 * time.Millisecond,
		Workload:    workload.Workload{Conns: 5, Size: 8},
		Late:        time.Millisecond,
		Opened:      500 * time.Millisecond,
		Window:      time.Second,
		First:       510 * time.Millisecond,
		Last:        1490 * time.Millisecond,
		Skew:        50 * time.Millisecond, // a's last reply
		Operations:  4,
		Bytes:       32,
		Latency:     replica(0, 1000, 2000, 3000, 4000).Latency,
		Connect:     replica(5).Connect,
		Slices:      []int64{2, 1, 1, 0, 0, 0, 0, 0, 0, 0},
		Outstanding: 5,
		Samples:     9,
		Carried:     14 * time.Microsecond,
		Left:        25 * time.Microsecond,
		InFlight:    3,
		Oldest:      9 * time.Millisecond,
		Errors:      map[string]int64{ErrorReset: 3, ErrorTimeout: 1},
		CPU:         5 * time.Microsecond,
		CPUWall:     2 * time.Second,
	}
	want.openLoop(300, 7, 1500, 2500, 3500)
	want.Unanswered, want.BacklogOpened, want.BacklogClosed = 1, 3, 6
	want.UnansweredFrom, want.RawUnanswered, want.RawUnansweredFrom = 9*time.Millisecond, 1, 7*time.Millisecond
	want.GivenUp, want.Shares = 3*time.Second, sharesOf(1, 2, 0, 0, 1)
	if text(t, got) != text(t, want) {
		t.Errorf("got\n%s, want\n%s", text(t, got), text(t, want))
	}
}

func sharesOf(counts ...uint32) *hist.Shares {
	s := new(hist.Shares)
	for _, n := range counts {
		s.Add(n)
	}
	return s
}

// The connections of a replica that does not count them are not passed off as
// none.
func TestMergeWithoutShares(t *testing.T) {
	one, other := replica(2, 1000), replica(2, 1000)
	one.Shares = sharesOf(5)
	for _, replicas := range [][]Replica{{one, other}, {other, one}, {one, other, one}} {
		if got, err := Merge(replicas); err != nil || got.Shares != nil {
			t.Errorf("error %v, shares %+v; want none", err, got.Shares)
		}
	}
}

// Of reopened connections counts and means are summed, and the longest
// recovery is that of all.
func TestMergeReopened(t *testing.T) {
	reopened := func(n int64, connect int64) Replica {
		r := replica(3, 1000)
		r.Silent, r.Workload.Churn, r.Reopened, r.Absent = int(n), float64(10*n), n, float64(n)/2
		r.Reconnect = hist.New()
		r.Reconnect.Record(connect)
		r.Storm = &Storm{Recovered: time.Duration(n) * time.Second, Silent: int(n), Failures: 2 * n, Abandoned: 3 * n, Ages: time.Duration(n)}
		return r
	}
	got, err := Merge([]Replica{reopened(5, 4000), reopened(2, 9000)})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Storm{Recovered: 5 * time.Second, Silent: 7, Failures: 14, Abandoned: 21, Ages: 7}); *got.Storm != want {
		t.Errorf("storm %+v, want %+v", *got.Storm, want)
	}
	if got.Silent != 7 || got.Workload.Churn != 70 || got.Reopened != 7 || got.Absent != 3.5 || got.Reconnect.Count() != 2 || got.Reconnect.Max() != 9000 {
		t.Errorf("%d silent, churn %v, %d reopened, %v absent, %d timed, the longest %d; want 7, 70, 7, 3.5, 2, 9000",
			got.Silent, got.Workload.Churn, got.Reopened, got.Absent, got.Reconnect.Count(), got.Reconnect.Max())
	}
}

// Where 6 of 7 connections are busy, all of one replica's may be: the parts of a load that
// is not divided evenly fit together.
func TestMergeUnevenShares(t *testing.T) {
	whole := workload.Workload{Conns: 7, Busy: 6, Size: 8}
	var parts []Replica
	for i := range 2 {
		r := replica(3, 1000)
		r.Workload = whole.Share(i, 2)
		parts = append(parts, r)
	}
	got, err := Merge(parts)
	if err != nil || got.Workload != whole || got.Asked() != 7 || got.Busy() != 6 {
		t.Errorf("%+v, %d of %d busy, %v", got.Workload, got.Busy(), got.Asked(), err)
	}
	all := workload.Workload{Conns: 7, Busy: 7, Size: 8} // as replicas say it
	got, err = Merge([]Replica{{Replicas: 1, Workload: all.Share(0, 2)}, {Replicas: 1, Workload: all.Share(1, 2)}})
	if err != nil || got.Workload.Busy != 0 || got.Busy() != 7 {
		t.Errorf("%+v, %d busy, %v; want all, in one way", got.Workload, got.Busy(), err)
	}
}

func TestMergeStages(t *testing.T) {
	with := func(stages ...Stage) Replica {
		r := replica(3, 1000)
		r.Stages = stages
		return r
	}
	stage := func(n int64, latency, from time.Duration) Stage {
		s := Stage{Due: 10 * n, Operations: 9 * n, Backlog: n, Errors: 2 * n, Unanswered: n, UnansweredFrom: from, Latency: hist.New()}
		s.Latency.Record(int64(latency))
		return s
	}
	got, err := Merge([]Replica{with(stage(1, 5000, 700), stage(2, 6000, 0)), with(stage(3, 7000, 300), stage(4, 9000, 800))})
	if err != nil {
		t.Fatal(err)
	}
	if a := got.Stages[0]; len(got.Stages) != 2 || a.Due != 40 || a.Operations != 36 || a.Backlog != 4 || a.Errors != 8 || a.Unanswered != 4 || a.UnansweredFrom != 300 || a.Latency.Count() != 2 || a.Latency.Max() != 7000 {
		t.Errorf("%d stages, the first %+v", len(got.Stages), got.Stages[0])
	}
	if _, err := Merge([]Replica{with(stage(1, 1, 1)), with()}); err == nil || err.Error() != "merge: replica 2: it has 0 stages, replica 1 has 1" {
		t.Error(err)
	}
}

// Two replicas with half of the requests each say, merged, what one would that
// had them all: bucket for bucket.
func TestMergeOfHalvesIsTheWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var all []int64
	var halves [2][]int64
	for i := range 20_000 {
		// From 1 µs to 60 s, and a little beyond at both ends.
		ns := int64(math.Exp(random.Float64()*19 + 6.5))
		all = append(all, ns)
		halves[i%2] = append(halves[i%2], ns)
	}
	whole := replica(4, all...)
	whole.openLoop(1000, 20_000, all...)
	var parts []Replica
	for _, half := range halves {
		r := replica(2, half...)
		r.openLoop(500, 10_000, half...)
		parts = append(parts, r)
	}
	got, err := Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]*hist.Histogram{
		"latency":  {got.Latency, whole.Latency},
		"raw":      {got.Raw, whole.Raw},
		"lateness": {got.Lateness, whole.Lateness},
	} {
		a, errA := json.Marshal(pair[0]) // which holds every bucket
		b, errB := json.Marshal(pair[1])
		if errA != nil || errB != nil || !bytes.Equal(a, b) || len(b) < 1000 {
			t.Errorf("%s: %d bytes merged, %d of the whole, or they differ (%v, %v)", name, len(a), len(b), errA, errB)
		}
		if pair[0].Sum() != pair[1].Sum() || pair[0].Min() != pair[1].Min() || pair[0].Max() != pair[1].Max() {
			t.Errorf("%s: sum, min or max differ", name)
		}
	}
	if got.Workload.Rate != whole.Workload.Rate || got.Due != whole.Due || got.Operations != whole.Operations {
		t.Errorf("rate %v, %d due, %d operations; want %v, %d, %d", got.Workload.Rate, got.Due, got.Operations, whole.Workload.Rate, whole.Due, whole.Operations)
	}
}

func TestMergeOfOneIsItself(t *testing.T) {
	one := replica(2, 1000, 2000)
	one.Skew = 10 * time.Millisecond
	got, err := Merge([]Replica{one})
	if err != nil {
		t.Fatal(err)
	}
	if text(t, got) != text(t, one) {
		t.Errorf("got\n%s, want\n%s", text(t, got), text(t, one))
	}
}

func TestMergeSkew(t *testing.T) {
	silent := replica(1)
	silent.First, silent.Last = 0, 0
	late := replica(1, 1000)
	late.First = 700 * time.Millisecond
	early := replica(1, 1000)
	early.Last = 1200 * time.Millisecond
	for _, test := range []struct {
		name        string
		replicas    []Replica
		skew        time.Duration
		first, last time.Duration
	}{
		{"even", []Replica{replica(1, 1000), replica(1, 1000)}, 10 * time.Millisecond, 510 * time.Millisecond, 1490 * time.Millisecond},
		{"a late first reply", []Replica{late, replica(1, 1000)}, 200 * time.Millisecond, 510 * time.Millisecond, 1490 * time.Millisecond},
		{"an early last reply", []Replica{replica(1, 1000), early}, 300 * time.Millisecond, 510 * time.Millisecond, 1490 * time.Millisecond},
		{"one without a reply", []Replica{silent, late}, time.Second, 700 * time.Millisecond, 1490 * time.Millisecond},
		{"none with a reply", []Replica{silent}, time.Second, 0, 0},
	} {
		got, err := Merge(test.replicas)
		if err != nil {
			t.Fatal(err)
		}
		if got.Skew != test.skew || got.First != test.first || got.Last != test.last {
			t.Errorf("%s: skew %v, first %v, last %v; want %v, %v, %v", test.name, got.Skew, got.First, got.Last, test.skew, test.first, test.last)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	change := func(f func(*Replica)) []Replica {
		other := replica(1, 1000)
		f(&other)
		return []Replica{replica(1, 1000), other}
	}
	for _, test := range []struct {
		name     string
		replicas []Replica
		want     string
	}{
		{"nothing", nil, "no replica"},
		{"another window", change(func(r *Replica) { r.Window++ }), "replica 2: its window"},
		{"another start", change(func(r *Replica) { r.Opened++ }), "replica 2: its window"},
		{"another size", change(func(r *Replica) { r.Workload.Size = 9 }), "replica 2: its -size is 9, that of replica 1 is 8"},
		{"an open loop", change(func(r *Replica) { r.openLoop(100, 1) }), "replica 2: its -rate is 100, that of replica 1 is not given"},
		{"another protocol", change(func(r *Replica) { r.Workload.Protocol = "ws" }), `replica 2: its -proto is ws, that of replica 1 is not given`},
		{"other arrivals", change(func(r *Replica) { r.Workload.Arrivals = "poisson" }), `replica 2: its -arrivals is poisson, that of replica 1 is not given`},
		{"nothing but idle connections", change(func(r *Replica) { r.Workload.Idle = true }), "replica 2: its -idle is true, that of replica 1 is not given"},
		{"churn", change(func(r *Replica) { r.Workload.Churn = 5 }), "replica 2: its -churn is 5, that of replica 1 is not given"},
		{"a storm", change(func(r *Replica) { r.Storm = &Storm{} }), "replica 2: either it or replica 1 had a storm"},
		{"other slices of what was due", change(func(r *Replica) { r.DueSlices = []int64{1} }), "replica 2: it has 1 slices of due requests"},
		{"other slices", change(func(r *Replica) { r.Slices = r.Slices[1:] }), "replica 2: it has 9 slices"},
	} {
		if _, err := Merge(test.replicas); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want …%q…", test.name, err, test.want)
		}
	}
}

// FuzzMerge: in whatever groups replicas are merged, counts, distributions
// and bounds come out the same, and nothing is lost.
func FuzzMerge(f *testing.F) {
	f.Add(uint64(1), uint8(3))
	f.Add(uint64(2), uint8(1))
	f.Add(uint64(3), uint8(9))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		random := rand.New(rand.NewPCG(seed, 0))
		replicas := make([]Replica, 1+n%8)
		var operations int64
		for i := range replicas {
			replicas[i] = anyReplica(random)
			operations += replicas[i].Operations
		}
		merge := func(r ...Replica) Replica {
			t.Helper()
			sum, err := Merge(r)
			if err != nil {
				t.Fatal(err)
			}
			return sum
		}
		all := merge(replicas...)
		cut := random.IntN(len(replicas))
		grouped := merge(merge(replicas[cut:]...))
		if cut > 0 {
			grouped = merge(merge(replicas[:cut]...), grouped)
		}
		var slices int64
		for _, n := range all.Slices {
			slices += n
		}
		if all.Operations != operations || all.Latency.Count() != operations || slices != operations {
			t.Errorf("%d operations, %d latencies, %d in slices; want %d each", all.Operations, all.Latency.Count(), slices, operations)
		}
		if math.Abs(all.Outstanding-grouped.Outstanding) > 1e-9*all.Outstanding {
			t.Errorf("outstanding %v, grouped %v", all.Outstanding, grouped.Outstanding)
		}
		if d := all.CPUWall - grouped.CPUWall; d.Abs() > time.Duration(len(replicas)) {
			t.Errorf("CPU wall %v, grouped %v", all.CPUWall, grouped.CPUWall)
		}
		// Sums and means of floating point were compared above, to their precision.
		grouped.Outstanding, grouped.CPUWall = all.Outstanding, all.CPUWall
		if text(t, all) != text(t, grouped) {
			t.Errorf("all at once\n%s, in groups\n%s", text(t, all), text(t, grouped))
		}
	})
}

func anyReplica(random *rand.Rand) Replica {
	latencies := make([]int64, random.IntN(20))
	for i := range latencies {
		latencies[i] = random.Int64N(100_000_000)
	}
	r := replica(1+random.IntN(5), latencies...)
	r.First = r.Opened + time.Duration(random.Int64N(int64(r.Window/2)))
	r.Last = r.First + time.Duration(random.Int64N(int64(r.Window/2)))
	r.Outstanding = random.Float64() * 100
	r.CPUWall = time.Duration(random.Int64N(int64(time.Minute)))
	r.Oldest = time.Duration(random.Int64N(int64(time.Second)))
	r.Samples = 1 + random.IntN(10)
	r.openLoop(float64(1+random.IntN(1000)), random.Int64N(1000), latencies...)
	r.Unanswered, r.BacklogOpened, r.BacklogClosed = random.Int64N(9), random.Int64N(9), random.Int64N(9)
	r.UnansweredFrom = time.Duration(min(r.Unanswered, 1) * random.Int64N(1e9))
	r.RawUnanswered = min(r.Unanswered, random.Int64N(9))
	r.RawUnansweredFrom = time.Duration(min(r.RawUnanswered, 1) * random.Int64N(1e9))
	r.GivenUp = time.Duration(random.Int64N(1e9))
	r.Shares = sharesOf(random.Uint32N(9), random.Uint32N(5000))
	r.Silent = random.IntN(9)
	r.Workload.Churn, r.Reopened, r.Absent = float64(1+random.IntN(9)), random.Int64N(9), float64(random.IntN(9))
	r.Reconnect = r.Connect
	r.Storm = &Storm{
		Recovered: time.Duration(random.Int64N(9)), Silent: random.IntN(9), Failures: random.Int64N(9),
		Abandoned: random.Int64N(9), Ages: time.Duration(random.Int64N(9)),
	}
	if random.IntN(2) == 0 {
		r.Errors = map[string]int64{ErrorClosed: random.Int64N(9), ErrorWrong: 1}
	}
	return r
}
