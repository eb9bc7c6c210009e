package format

import "strconv"

// FineRatio writes a ratio finely enough to tell which side of a margin it is
// on: 0.948, 1.021, 24.3.
func FineRatio(v float64) string {
	switch {
	case v < 0.0995:
		return strconv.FormatFloat(v, 'g', 2, 64)
	case v < 9.9995:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return Number(v)
}

// FineInterval writes the ends of an interval of a ratio, either of which may be
// nil: 0.948–1.021, ≤0.800.
func FineInterval(low, high *float64) string {
	switch {
	case low != nil && high != nil:
		return FineRatio(*low) + "–" + FineRatio(*high)
	case low != nil:
		return "≥" + FineRatio(*low)
	case high != nil:
		return "≤" + FineRatio(*high)
	}
	return Absent
}
