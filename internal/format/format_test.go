package format

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func TestScale(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Number(0), "0"},
		{Number(0.001), "<0.01"},
		{Number(0.146), "0.15"},
		{Number(9.994), "9.99"},
		{Number(9.996), "10.0"},
		{Number(99.96), "100"},
		{Number(999.4), "999"},
		{Number(999.6), "1.00k"},
		{Number(252_310), "252k"},
		{Number(999_600), "1.00M"},
		{Number(1_234_567), "1.23M"},
		{Number(1e15), "1000000G"},
		{Number(-2500), "-2.50k"},
		{Latency(852), "852ns"},
		{Latency(999_600), "1.00ms"},
		{Latency(4_520_000), "4.52ms"},
		{Latency(39_600_000), "39.6ms"},
		{Latency(60e9), "60.0s"},
		{Microseconds(4123), "4.12"},
		{Size(0), "0B"},
		{Size(212.5), "212B"},
		{Size(7435), "7.4KB"},
		{Size(9960), "10KB"},
		{Size(999_600), "1.0MB"},
		{Size(-120), "-120B"},
		{Ratio(1.237), "1.24"},
		{Ratio(12.34), "12.3"},
		{Ratio(0.9), "0.90"},
		{Ratio(0.0812), "0.081"},
		{Ratio(0.0196), "0.020"},
		{Ratio(0.00441), "0.0044"},
		{Ratio(0.00001), "1e-05"},
		{Ratio(0.0997), "0.10"},
		{Interval(0.9712, 1.0371), "0.97–1.04"},
		{Interval(0.9712, 1.0041), "0.97–1.00"},
		{Interval(1.0041, 1.124), "1.004–1.12"},
		{Interval(0.881, 0.99996), "0.88–0.99996"},
		{Interval(1, 1), "1.00–1.00"},
		{Apart(1.13), "1.13"},
		{Percent(0), "0%"},
		{Percent(0.0621), "6.2%"},
		{Percent(0.622), "62%"},
		{Percent(1.1), "110%"},
		{Exact(0), "0"},
		{Exact(9999), "9999"},
		{Exact(10_000), "10k"},
		{Exact(1_000_000), "1M"},
		{Exact(1_001_000), "1001k"},
		{Grouped(999), "999"},
		{Grouped(10_000), "10,000"},
		{Grouped(1_000_000), "1,000,000"},
		{Setting(500 * time.Millisecond), "500ms"},
		{Setting(time.Second), "1s"},
		{Setting(10 * time.Minute), "10m"},
		{Setting(2 * time.Hour), "2h"},
		{Setting(0), "0s"},
		{Shorten("multiepoll", 10), "multiepoll"},
		{Shorten("multiepoll", 6), "mul…ll"},
		{Shorten("multiepoll", 1), "…"},
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
		if got := PlusMinus(test.median, &test.low, &test.high); got != test.want {
			t.Errorf("%v in %v to %v is %q, want %q", test.median, test.low, test.high, got, test.want)
		}
	}
	if got := PlusMinus(1, nil, nil); got != "±?" {
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
		Wrap(&out, test.text, "  ")
		if out.String() != test.want {
			t.Errorf("%q, want %q", out.String(), test.want)
		}
	}
}

// A rate that was chosen is told as it was, however small.
func TestRateText(t *testing.T) {
	for v, want := range map[float64]string{
		20_000: "20k/s", 23_100: "23.1k/s", 1500: "1.50k/s", 2: "2.00/s", 0.5: "0.50/s", 0.05: "0.05/s", 0.004: "0.004/s", 0.000012: "1.2e-05/s",
	} {
		if got := Rate(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func TestUnscaled(t *testing.T) {
	for want, got := range map[string]string{
		"0":         Unscaled(0),
		"0.123":     Unscaled(0.12345),
		"12.3":      Unscaled(12.345),
		"100":       Unscaled(99.96),
		"1234568":   Unscaled(1234567.8),
		"1e+300":    Unscaled(1e300),
		"—":         Unscaled(math.Inf(1)),
		"5.01%":     FinePercent(0.0501),
		"96.6%":     FinePercent(0.966),
		"7%":        ExactPercent(0.07), // 100 × 0.07 is more than 7
		"33.3%":     ExactPercent(0.333),
		"0.125%":    ExactPercent(0.00125),
		"999 ns":    Duration(999),
		"1.5 µs":    Duration(1500),
		"81 ms":     Duration(81 * time.Millisecond),
		"-2 s":      Duration(-2 * time.Second),
		"9000 s":    Duration(9000 * time.Second),
		"p = 0.031": Probability(0.0312),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12_595_150: "12,595,150", -1234: "-1,234", -123: "-123",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := Grouped(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestRound(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 39_612_345: "39.6ms", 1_234_567_890: "1.23s", 5_000_400_000: "5s", 612_345: "612µs",
	} {
		if got := Round(d, 3).String(); got != want {
			t.Errorf("%d ns: %s, want %s", int64(d), got, want)
		}
	}
}

func TestChange(t *testing.T) {
	for v, want := range map[float64]string{0.05: "+5.0%", -0.178: "-17.8%", 0.0004: "0.0%", -0.0004: "0.0%", 20: "+>999%", 0: "0.0%"} {
		if got := Change(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}
