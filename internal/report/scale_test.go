package report

import (
	"bytes"
	"testing"
	"time"
)

func TestScale(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{number(0), "0"},
		{number(0.001), "<0.01"},
		{number(0.146), "0.15"},
		{number(9.994), "9.99"},
		{number(9.996), "10.0"},
		{number(99.96), "100"},
		{number(999.4), "999"},
		{number(999.6), "1.00k"},
		{number(252_310), "252k"},
		{number(999_600), "1.00M"},
		{number(1_234_567), "1.23M"},
		{number(1e15), "1000000G"},
		{number(-2500), "-2.50k"},
		{latency(852), "852ns"},
		{latency(999_600), "1.00ms"},
		{latency(4_520_000), "4.52ms"},
		{latency(39_600_000), "39.6ms"},
		{latency(60e9), "60.0s"},
		{microseconds(4123), "4.12"},
		{size(0), "0B"},
		{size(212.5), "212B"},
		{size(7435), "7.4KB"},
		{size(9960), "10KB"},
		{size(999_600), "1.0MB"},
		{size(-120), "-120B"},
		{percent(0), "0%"},
		{percent(0.0621), "6.2%"},
		{percent(0.622), "62%"},
		{percent(1.1), "110%"},
		{exact(0), "0"},
		{exact(9999), "9999"},
		{exact(10_000), "10k"},
		{exact(1_000_000), "1M"},
		{exact(1_001_000), "1001k"},
		{grouped(999), "999"},
		{grouped(10_000), "10,000"},
		{grouped(1_000_000), "1,000,000"},
		{duration(500 * time.Millisecond), "500ms"},
		{duration(time.Second), "1s"},
		{duration(10 * time.Minute), "10m"},
		{duration(2 * time.Hour), "2h"},
		{duration(0), "0s"},
		{clean(" a\n\x1b[31mb\t c\xff "), "a b c�"},
		{shorten("multiepoll", 10), "multiepoll"},
		{shorten("multiepoll", 6), "mul…ll"},
		{shorten("multiepoll", 1), "…"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

// What ± shows must hold the interval, whichever side is longer.
func TestPlusMinus(t *testing.T) {
	for _, test := range []struct {
		median, low, high float64
		want              string
	}{
		{1000, 968, 1010, "±3.2%"},
		{1000, 990, 1032, "±3.2%"},
		{1000, 990, 1032.01, "±3.3%"},
		{1000, 1000, 1000, "±0.0%"},
		{1000, 901, 1000, "±9.9%"},
		{1000, 900, 1000, "±10%"},
		{1000, 899, 1000, "±11%"},
		{1, 1, 100, "±>999%"},
		{0, 0, 5, ""},
	} {
		v := &Value{Median: test.median, Low: &test.low, High: &test.high}
		if got := plusMinus(v); got != test.want {
			t.Errorf("%v in %v to %v is %q, want %q", test.median, test.low, test.high, got, test.want)
		}
	}
	if got := plusMinus(&Value{Median: 1}); got != "±?" {
		t.Errorf("without an interval %q, want ±?", got)
	}
}

func TestWrapLosesNothing(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), 20)
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"a b", "a b\n"},
		{string(long[:81]), string(long[:80]) + "\n  " + string(long[80:81]) + "\n"},
		{string(long[:79]) + " ab", string(long[:79]) + "\n  ab\n"},
		{string(long), string(long[:80]) + "\n  " + string(long[80:158]) + "\n  " + string(long[158:]) + "\n"},
	} {
		var out bytes.Buffer
		wrap(&out, test.text, "  ")
		if out.String() != test.want {
			t.Errorf("%q, want %q", out.String(), test.want)
		}
	}
}
