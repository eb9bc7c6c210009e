package format

import "testing"

func TestFineRatio(t *testing.T) {
	low, high := 0.9484, 12.34
	for got, want := range map[string]string{
		FineRatio(1):              "1.000",
		FineRatio(0.9484):         "0.948",
		FineRatio(1.0206):         "1.021",
		FineRatio(24.31):          "24.3",
		FineRatio(0.0123):         "0.012",
		FineRatio(1e-9):           "1e-09",
		FineInterval(&low, &high): "0.948–12.3",
		FineInterval(nil, &low):   "≤0.948",
		FineInterval(&low, nil):   "≥0.948",
		FineInterval(nil, nil):    Absent,
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
