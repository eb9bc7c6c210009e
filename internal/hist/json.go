package hist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// encoded is the histogram in JSON. V2 is HdrHistogram's compressed V2 format in
// base64, which other HdrHistogram tools read; the other fields are what that
// format cannot hold.
type encoded struct {
	V2    string `json:"v2"`
	Count int64  `json:"count"`
	Sum   int64  `json:"sum"`   // ns
	Min   int64  `json:"min"`   // ns
	Max   int64  `json:"max"`   // ns
	Below int64  `json:"below"` // clamped at 1 µs
	Above int64  `json:"above"` // clamped at 60 s
}

// The V2 format, https://github.com/HdrHistogram/HdrHistogram, class
// AbstractHistogram: a cookie and the compressed length, 4 bytes each, then
// zlib over a header of 40 bytes and the counts.
const (
	outerLength = 8
	innerLength = hdrhistogram.ENCODING_HEADER_SIZE

	// longest limits the JSON of one histogram, in bytes. The largest these
	// buckets can produce is 27,648 incompressible counts of 9 bytes: 333 KB in
	// base64.
	longest = 512 << 10
)

// MarshalJSON encodes the histogram without loss; nil becomes null.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	if h == nil {
		return []byte("null"), nil
	}
	b := h.either()
	if b == nil {
		b = newBins()
	}
	v2, err := b.EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("encode histogram: %w", err)
	}
	return json.Marshal(encoded{string(v2), h.Count(), h.Sum(), h.Min(), h.Max(), h.below, h.above})
}

// UnmarshalJSON decodes the output of MarshalJSON. It refuses input that is
// damaged, has other buckets or contradicts itself, and then leaves h unchanged.
// It allocates at most one histogram, whatever lengths the input claims, and leaves it
// packed.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	if string(data) == "null" { // no change, by convention of encoding/json
		return nil
	}
	decoded, err := decode(data)
	if err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	*h = *decoded
	return nil
}

func decode(data []byte) (*Histogram, error) {
	if len(data) > longest {
		return nil, fmt.Errorf("%d bytes are more than the limit of a histogram (%d)", len(data), longest)
	}
	var e encoded
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, err
	}
	if err := checkHeader(e.V2); err != nil {
		return nil, fmt.Errorf("v2: %w", err)
	}
	packed, err := hdrhistogram.DecodePacked([]byte(e.V2))
	if err != nil {
		return nil, fmt.Errorf("v2: %w", err)
	}
	packed.Compact()
	h := &Histogram{packed: packed, sum: e.Sum, min: e.Min, max: e.Max, below: e.Below, above: e.Above}
	if got := h.Count(); got != e.Count {
		return nil, fmt.Errorf("count is %d, but the buckets hold %d", e.Count, got)
	}
	if err := h.consistent(); err != nil {
		return nil, err
	}
	return h, nil
}

// checkHeader refuses other buckets than ours before memory is allocated for
// them: the header of a wide range alone could claim 50 MB.
func checkHeader(v2 string) error {
	outer, err := base64.StdEncoding.DecodeString(v2)
	if err != nil {
		return err
	}
	if len(outer) < outerLength {
		return fmt.Errorf("%d bytes are too few", len(outer))
	}
	z, err := zlib.NewReader(bytes.NewReader(outer[outerLength:]))
	if err != nil {
		return err
	}
	header := make([]byte, innerLength)
	if _, err := io.ReadFull(z, header); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	var f struct {
		Cookie, Length, Offset, Digits int32
		Lowest, Highest                int64
		Ratio                          float64
	}
	if err := binary.Read(bytes.NewReader(header), binary.BigEndian, &f); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if f.Lowest != unit || f.Highest != Highest || f.Digits != digits {
		return fmt.Errorf("buckets of %d to %d ns at %d digits, want %d to %d at %d",
			f.Lowest, f.Highest, f.Digits, unit, int64(Highest), digits)
	}
	if f.Offset != 0 || f.Ratio != 1 { // this package never writes shifted or scaled counts
		return fmt.Errorf("shifted by %d, scaled by %v: want 0 and 1", f.Offset, f.Ratio)
	}
	return nil
}

// consistent checks the exact numbers against the buckets.
func (h *Histogram) consistent() error {
	if h.Count() == 0 {
		if h.sum|h.min|h.max|h.below|h.above != 0 {
			return errors.New("an empty histogram with a sum, a minimum, a maximum or clamped durations")
		}
		return nil
	}
	if h.min < 0 || h.min > h.max || h.below < 0 || h.above < 0 || h.sum < 0 {
		return errors.New("a negative number, or a minimum above the maximum")
	}
	if (h.below > 0) != (h.min < Lowest) || (h.above > 0) != (h.max > Highest) {
		return errors.New("minimum and maximum contradict the clamped durations")
	}
	// The least and the greatest sum that the buckets allow. Floating point with a
	// margin is enough to detect damage.
	var least, greatest float64
	var first, last hdrhistogram.Bar
	for bar := range h.filled() {
		if first.Count == 0 {
			first = bar
		}
		last = bar
		low, high, inside := max(bar.From, h.min), min(bar.To, h.max, Highest), bar.Count
		if h.below > 0 && bar.From <= Lowest && Lowest <= bar.To { // one of them is the minimum
			inside -= h.below
			least += float64(h.below) * float64(h.min)
			greatest += float64(h.below-1)*Lowest + float64(h.min)
		}
		if h.above > 0 && bar.From <= Highest && Highest <= bar.To { // one of them is the maximum
			inside -= h.above
			least += float64(h.above-1)*Highest + float64(h.max)
			greatest += float64(h.above) * float64(h.max)
		}
		if inside < 0 {
			return errors.New("more clamped durations than their bucket holds")
		}
		least += float64(inside) * float64(low)
		greatest += float64(inside) * float64(high)
	}
	if !within(first, clamp(h.min)) || !within(last, clamp(h.max)) {
		return fmt.Errorf("minimum %d and maximum %d ns are not in the outermost buckets", h.min, h.max)
	}
	const margin = 1e-9
	if s := float64(h.sum); s < min(least, math.MaxInt64)*(1-margin) || s > greatest*(1+margin) {
		return fmt.Errorf("the buckets do not allow the sum %d ns", h.sum)
	}
	return nil
}

func clamp(ns int64) int64 { return min(max(ns, Lowest), Highest) }

func within(b hdrhistogram.Bar, ns int64) bool { return b.From <= ns && ns <= b.To }
