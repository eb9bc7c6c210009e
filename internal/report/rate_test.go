package report

import "testing"

// A rate that was chosen is told as it was, however small.
func TestRateText(t *testing.T) {
	for v, want := range map[float64]string{
		20_000: "20k/s", 23_100: "23.1k/s", 1500: "1.50k/s", 2: "2.00/s", 0.5: "0.50/s", 0.05: "0.05/s", 0.004: "0.004/s", 0.000012: "1.2e-05/s",
	} {
		if got := rateText(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}
