//go:build linux

package cli

import (
	"testing"

	"c1m/internal/plan"
)

func TestCount(t *testing.T) {
	for _, test := range []struct {
		in   string
		want int
		ok   bool
	}{
		{"500", 500, true}, {"10k", 10000, true}, {"10K", 10000, true}, {"1.5k", 1500, true},
		{"1M", 1000000, true}, {"0", 0, true}, {"-3", -3, true}, {"1.0001k", 0, false},
		{"", 0, false}, {"k", 0, false}, {"x", 0, false}, {"1.5", 0, false},
		{"NaN", 0, false}, {"Inf", 0, false}, {"2000M", 0, false},
	} {
		var c count
		err := c.Set(test.in)
		if (err == nil) != test.ok || (test.ok && int(c) != test.want) {
			t.Errorf("count %q = %d, %v; want %d, ok %v", test.in, c, err, test.want, test.ok)
		}
	}
}

func TestCPUs(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"5,5,6", "5,6"},
		{"3,1", "1,3"},
		{"0-3,6", "0,1,2,3,6"},
		{"100,1k", "!"},
		{"3-1", "!"},
		{"-1", "!"},
		{"", "!"},
		{"1,", "!"},
		{"0-99999999999", "!"},
	} {
		var c cpus
		got := "!"
		if c.Set(test.in) == nil {
			got = c.String()
		}
		if got != test.want {
			t.Errorf("CPUs %q = %s, want %s", test.in, got, test.want)
		}
	}
}

func TestPairs(t *testing.T) {
	var p pairs
	for _, s := range []string{"c=./echo {addr} --x=1", "b = y"} {
		if err := p.Set(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	if len(p) != 2 || p[0] != (plan.Other{Name: "c", Value: "./echo {addr} --x=1"}) || p[1] != (plan.Other{Name: "b", Value: "y"}) {
		t.Errorf("pairs = %q", p)
	}
	for _, s := range []string{"", "x", "=y", "x=", " = "} {
		if p.Set(s) == nil {
			t.Errorf("%q was taken", s)
		}
	}
}
