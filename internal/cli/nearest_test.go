package cli

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"concurrency", "conns", "connect-rate", "duration", "format", "idle", "modes", "out", "wide"}
	for typed, want := range map[string]string{
		"conss": "conns", "cons": "conns", "conn": "conns", "con": "conns", "co": "", "modse": "modes", "fromat": "format", "formats": "format",
		"dur": "duration", "wdie": "wide", "ilde": "idle", "concurency": "concurrency",
		"": "", "x": "", "bogus": "", "du": "", "run": "",
	} {
		if got := nearest(typed, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestSlipsBetween(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1},
		{"abc", "ab", 1}, {"abc", "axc", 1}, {"kitten", "sitting", 3}, {"ä", "a", 1},
	} {
		if got := slipsBetween(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
		if got := slipsBetween(test.b, test.a); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
