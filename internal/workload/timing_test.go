package workload

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Every field of a timing has a flag, by which the arguments of a replica pass it on.
func TestEveryTimingIsPassed(t *testing.T) {
	timing := Timing{Warmup: time.Second, Window: time.Minute, Timeout: time.Hour, Drain: time.Millisecond, Seed: 1<<64 - 1}
	fields := make(map[uintptr]bool)
	for _, f := range timings() {
		at := reflect.ValueOf(f.In(&timing))
		if fields[at.Pointer()] || at.Elem().IsZero() {
			t.Errorf("-%s has the field of another flag, or one that this test leaves out", f.Name)
		}
		fields[at.Pointer()] = true
	}
	if n := reflect.TypeFor[Timing]().NumField(); len(fields) != n {
		t.Errorf("%d of %d fields have a flag", len(fields), n)
	}
	for want, w := range map[string]Workload{
		"--duration=1m0s --warmup=1s --timeout=1h0m0s":                                         {Conns: 1},
		"--duration=1m0s --warmup=1s --timeout=1h0m0s --seed=18446744073709551615":             {Conns: 1, Churn: 1},
		"--duration=1m0s --warmup=1s --timeout=1h0m0s --drain=1ms --seed=18446744073709551615": {Conns: 1, Rate: 1},
	} {
		if got := strings.Join(timing.ClientArgs(w), " "); got != want {
			t.Errorf("%s: %s, want %s", w.Kind(), got, want)
		}
	}
}

func TestTimingCheck(t *testing.T) {
	good := Timing{Window: time.Second, Timeout: time.Second}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Timing){
		"-d 999µs: want at least 1ms":            func(t *Timing) { t.Window = 999 * time.Microsecond },
		"-warmup -1ns: want 0 or more":           func(t *Timing) { t.Warmup = -1 },
		"-timeout 0s: want more than 0":          func(t *Timing) { t.Timeout = 0 },
		"-drain 24h0m0.1s: want at most 24h0m0s": func(t *Timing) { t.Drain = Longest + 100*time.Millisecond },
	} {
		bad := good
		change(&bad)
		if got := fmt.Sprint(bad.Check()); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
