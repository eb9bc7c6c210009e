//go:build linux

package workload

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

// Stages are written in one way however they are given, and that is read as the
// same.
func TestParseStages(t *testing.T) {
	for given, want := range map[string]Stages{
		"10s:1k, 30s:1k..20k,5s:50000": "10s:1k,30s:1k..20k,5s:50k",
		"1m:0..1.5M":                   "1m:0..1.5M",
		"90s:1234.5":                   "1m30s:1234.5",
		"1h:0.001":                     "1h:0.001",
		"1ms:1M":                       "1ms:1M",
		"2s:5..5":                      "2s:5",
	} {
		got, err := ParseStages(given)
		if err != nil || got != want {
			t.Errorf("%s is read as %q, %v; want %s", given, got, err, want)
		}
		if again, err := ParseStages(string(got)); err != nil || again != got {
			t.Errorf("%s is read as %q, %v", got, again, err)
		}
	}
}

func TestStagesRefused(t *testing.T) {
	long := "1s:1"
	for range MaxStages {
		long += ",1s:1"
	}
	for given, want := range map[string]string{
		"":                    `"": want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k or 30s:1k..20k`,
		"10s":                 `"10s": want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k or 30s:1k..20k`,
		"10:1k":               `"10:1k": want a length of 1ms to 24h0m0s, such as 10s`,
		"0s:1k":               `"0s:1k": want a length of 1ms to 24h0m0s, such as 10s`,
		"10s:-1":              `"10s:-1": want a number per second, such as 0.5, 500 or 10k`,
		"10s:1..x":            `"10s:1..x": want a number per second, such as 0.5, 500 or 10k`,
		"10s:NaN":             `"10s:NaN": want a number per second, such as 0.5, 500 or 10k`,
		"10s:1k,,":            `"": want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k or 30s:1k..20k`,
		"10s:0":               "less than one is due in all stages together; want higher rates, or longer stages",
		"24h:1,1ms:1":         "together longer than 24h0m0s",
		long:                  "33 stages: want at most 32",
		"10s:1k..20k..30k":    `"10s:1k..20k..30k": want a number per second, such as 0.5, 500 or 10k`,
		"10s:1000000000000..": `"10s:1000000000000..": want a number per second, such as 0.5, 500 or 10k`,
	} {
		if _, err := ParseStages(given); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", given, err, want)
		}
	}
	var w Workload
	if err := json.Unmarshal([]byte(`{"stages":"10s"}`), &w); err == nil {
		t.Error("a run file may say anything of stages")
	}
}

// A curve is the inverse of the integral of the rate, in closed form where the
// rate is constant, and by integration everywhere.
func TestCurve(t *testing.T) {
	c := NewCurve(Stage{10 * time.Second, 100, 100}, Stage{10 * time.Second, 0, 0}, Stage{20 * time.Second, 0, 200}, Stage{10 * time.Second, 200, 50})
	for n, want := range map[float64]time.Duration{
		0: 0, 1: 10 * time.Millisecond, 500: 5 * time.Second, 999: 9990 * time.Millisecond,
		1000: 20 * time.Second, 1500: 20*time.Second + 10*time.Second, // 500 = 10/2 · t²: t = 10 s
		1000 + 1280: 36 * time.Second, 3000: 40 * time.Second,
	} {
		if got, more := c.Due(n); got != want || !more {
			t.Errorf("%v are due at %v, %t; want %v", n, got, more, want)
		}
	}
	for _, n := range []float64{4250, 4251, math.Inf(1)} {
		if got, more := c.Due(n); more {
			t.Errorf("%v are due at %v: the stages have 4250", n, got)
		}
	}
	rate := func(at float64) float64 {
		switch {
		case at < 10:
			return 100
		case at < 20:
			return 0
		case at < 40:
			return 10 * (at - 20)
		}
		return 200 - 15*(at-40)
	}
	const step = 1e-4 // s
	n, last := 0.0, time.Duration(-1)
	for i := range int(50 / step) {
		n += rate((float64(i)+0.5)*step) * step // the midpoint rule is exact for a linear rate
		at, more := c.Due(n)
		if want := float64(i+1) * step; more && rate(want) > 0 && math.Abs(at.Seconds()-want) > 1e-6 {
			t.Fatalf("%v are due at %v, want %v s", n, at, want)
		}
		if more && at < last {
			t.Fatalf("%v are due at %v, before fewer are", n, at)
		}
		last = at
	}
}

func TestStagesBeside(t *testing.T) {
	for _, test := range []struct {
		given Given
		want  string
	}{
		{Given{"conn": {"10"}, "stages": {"10s:1k"}, "rate": {"5"}}, "-stages cannot be combined with -rate"},
		{Given{"conn": {"10"}, "stages": {"10s:1k"}, "slo": {"p99=1ms"}}, "-stages cannot be combined with -slo"},
		{Given{"conn": {"10"}, "stages": {"10s:1k"}, "idle": {"true"}}, "-idle cannot be combined with -stages"},
		{Given{"conn": {"10"}, "stages": {"x"}}, `-stages "x": "x": want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k or 30s:1k..20k`},
	} {
		if _, err := test.given.Workloads(); err == nil || err.Error() != test.want {
			t.Errorf("%v: %v\nwant %s", test.given, err, test.want)
		}
	}
	w := Workload{Conns: 100, Stages: "10s:1k,10s:1k..3M"}
	if err := w.Fits(2, 20*time.Second); err == nil || err.Error() != "-stages 10s:1k,10s:1k..3M: want at most 2000000 requests per second, 1000000 for each of 2 replicas" {
		t.Error(err)
	}
	if err := w.Fits(3, 20*time.Second); err != nil {
		t.Error(err)
	}
	if err := (Workload{Conns: 100, Stages: "1s:5"}).Fits(7, time.Second); err == nil {
		t.Error("seven replicas share five requests")
	}
	if err := w.FitsWindow(20 * time.Second); err != nil {
		t.Error(err)
	}
	if err := w.FitsWindow(time.Second); err == nil || err.Error() != "-d 1s cannot be combined with -stages, which last 20s; omit -d" {
		t.Error(err)
	}
}

func FuzzStages(f *testing.F) {
	for _, seed := range []string{"10s:1k, 30s:1k..20k", "1ms:0..0.001", "1m:1e-3..1e9", "1h:5", "1m:0.1M"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stages, err := ParseStages(s)
		if err != nil {
			return
		}
		if again, err := ParseStages(string(stages)); err != nil || again != stages {
			t.Fatalf("%q is written as %q, which is read as %q, %v", s, stages, again, err)
		}
		// What is due comes in order, and within the stages.
		curve, last := NewCurve(stages.List()...), time.Duration(0)
		for i := range 100 {
			at, more := curve.Due(stages.Count() * float64(i) / 100)
			if !more || at < last || at > stages.Length() {
				t.Fatalf("%s: %d%% of the requests are due at %v, %t, after %v", stages, i, at, more, last)
			}
			last = at
		}
		after, more := stages.Continued().Due(1.5 * stages.Count())
		if more && (after < stages.Length() || after > stages.Length()+Longest) {
			t.Fatalf("%s: half as many more are due at %v, before the last stage ends or too late", stages, after)
		}
	})
}
