//go:build linux

package host

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"c1m/internal/affinity"
)

// openNow returns how many descriptors this process has open.
func openNow(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// elsewhere lists the threads of this process that may run on other
// processors than want.
func elsewhere(t *testing.T, want string) []string {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, thread := range threads {
		if got := allowedList("/proc/self/task/" + thread.Name() + "/status"); got != "" && got != want {
			all = append(all, thread.Name()+" on "+got)
		}
	}
	return all
}

// allowedList reads Cpus_allowed_list; empty if the thread ended.
func allowedList(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return strings.TrimSpace(list)
		}
	}
	return ""
}

func TestCeiling(t *testing.T) {
	defer goleak.VerifyNone(t)
	before, procs := openNow(t), runtime.GOMAXPROCS(0)
	allowed := allowedList("/proc/thread-self/status")
	rate, err := Ceiling(t.Context(), 50*time.Millisecond, nil)
	if err != nil || rate <= 0 {
		t.Fatalf("Ceiling = %v, %v, want a rate", rate, err)
	}
	t.Logf("%.0f round trips/s", rate)
	if after := openNow(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
	if left := elsewhere(t, allowed); len(left) > 0 {
		t.Errorf("threads left pinned: %v", left)
	}
	if got := runtime.GOMAXPROCS(0); got != procs {
		t.Errorf("GOMAXPROCS is %d, was %d", got, procs)
	}
}

// TestCeilingOnOneProcessor shows that a lane runs where it is told to.
func TestCeilingOnOneProcessor(t *testing.T) {
	for _, cpu := range affinity.CPUs() {
		var at int
		_, err := lane(t.Context(), cpu, time.Millisecond, func() {
			var cpus unix.CPUSet
			if err := unix.SchedGetaffinity(0, &cpus); err != nil {
				t.Error(err)
			}
			at = -1
			if cpus.Count() == 1 && cpus.IsSet(cpu) {
				at = cpu
			}
		})
		if err != nil || at != cpu {
			t.Errorf("lane on CPU %d ran on %d: %v", cpu, at, err)
		}
	}
}

func TestCeilingWithFewerSchedulerProcessors(t *testing.T) {
	if len(affinity.CPUs()) < 2 {
		t.Skip("one CPU")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if rate, err := Ceiling(t.Context(), 20*time.Millisecond, affinity.CPUs()[:2]); err != nil || rate <= 0 {
		t.Errorf("Ceiling = %v, %v, want a rate", rate, err)
	}
	if got := runtime.GOMAXPROCS(0); got != 1 {
		t.Errorf("GOMAXPROCS is %d, was 1", got)
	}
}

func TestCeilingStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	stop := errors.New("the user had enough")
	for name, when := range map[string]func(context.CancelCauseFunc){
		"before":     func(cancel context.CancelCauseFunc) { cancel(stop) },
		"in between": func(cancel context.CancelCauseFunc) { time.AfterFunc(20*time.Millisecond, func() { cancel(stop) }) },
	} {
		t.Run(name, func(t *testing.T) {
			before := openNow(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			when(cancel)
			if rate, err := Ceiling(ctx, time.Hour, nil); !errors.Is(err, stop) {
				t.Errorf("Ceiling = %v, %v, want %v", rate, err, stop)
			}
			if after := openNow(t); after != before {
				t.Errorf("%d descriptors, %d before", after, before)
			}
		})
	}
}

func TestCeilingRefuses(t *testing.T) {
	defer goleak.VerifyNone(t)
	const absent = 1000
	for _, c := range []struct {
		d    time.Duration
		cpus []int
		want string
	}{
		{0, nil, "duration"},
		{-1, nil, "duration"},
		{time.Hour, []int{absent}, "CPU 1000"},
		{time.Hour, []int{affinity.CPUs()[0], absent}, "CPU 1000"},
		{time.Hour, []int{absent, affinity.CPUs()[0]}, "CPU 1000"},
		{time.Hour, []int{absent, affinity.CPUs()[0], absent, absent}, "CPU 1000"},
	} {
		rate, err := Ceiling(t.Context(), c.d, c.cpus)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Ceiling(%v, %v) = %v, %v, want an error with %q", c.d, c.cpus, rate, err, c.want)
		}
	}
}

// BenchmarkRoundTrip is one lane's cost of a round trip, without its set-up.
func BenchmarkRoundTrip(b *testing.B) {
	all, err := connect(8)
	defer all.close()
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < b.N; i += len(all) {
		if err := all.roundTrips(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
