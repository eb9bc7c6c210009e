package hist

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// encodedShares is Shares in JSON: the exact numbers, and the lowest count and the
// number of parts of each bucket that is not empty.
type encodedShares struct {
	Parts   int64       `json:"parts"`
	Total   int64       `json:"total"`
	Squares float64     `json:"squares"`
	Least   uint64      `json:"least"`
	Most    uint64      `json:"most"`
	Buckets [][2]uint64 `json:"buckets"`
}

// longestShares limits the JSON of Shares, in bytes: 2,048 exact buckets and 1,024
// for each of the 21 higher powers of two, of 24 characters each.
const longestShares = 1 << 20

// MarshalJSON encodes without loss; nil becomes null.
func (s *Shares) MarshalJSON() ([]byte, error) {
	if s == nil {
		return []byte("null"), nil
	}
	e := encodedShares{
		Parts: s.parts, Total: s.total, Squares: s.squares, Least: s.least, Most: s.most,
		Buckets: make([][2]uint64, 0, len(s.buckets)),
	}
	for _, from := range slices.Sorted(maps.Keys(s.buckets)) {
		e.Buckets = append(e.Buckets, [2]uint64{from, uint64(s.buckets[from])})
	}
	return json.Marshal(e)
}

// UnmarshalJSON decodes the output of MarshalJSON. It refuses input that is
// damaged or contradicts itself, and then leaves s unchanged.
func (s *Shares) UnmarshalJSON(data []byte) error {
	if string(data) == "null" { // no change, by convention of encoding/json
		return nil
	}
	if len(data) > longestShares {
		return fmt.Errorf("decode shares: %d bytes are more than the limit (%d)", len(data), longestShares)
	}
	var e encodedShares
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("decode shares: %w", err)
	}
	if err := e.consistent(); err != nil {
		return fmt.Errorf("decode shares: %w", err)
	}
	*s = Shares{parts: e.Parts, total: e.Total, squares: e.Squares, least: e.Least, most: e.Most}
	for _, b := range e.Buckets {
		s.add(b[0], int64(b[1]))
	}
	return nil
}

// consistent checks the exact numbers against the buckets. Floating point with a
// margin is enough to detect damage.
func (e encodedShares) consistent() error {
	if len(e.Buckets) == 0 {
		if e.Parts != 0 || e.Total != 0 || e.Squares != 0 || e.Least != 0 || e.Most != 0 {
			return errors.New("numbers without buckets")
		}
		return nil
	}
	var parts, least, most, leastSquares, mostSquares float64
	for i, b := range e.Buckets {
		from, n := b[0], float64(b[1])
		switch {
		case bucketOf(from) != from || from > math.MaxUint32:
			return fmt.Errorf("no bucket begins with %d", from)
		case i > 0 && from <= e.Buckets[i-1][0]:
			return errors.New("the buckets do not ascend")
		case b[1] == 0 || b[1] > math.MaxInt64:
			return fmt.Errorf("a bucket of %d parts", b[1])
		}
		low, high := float64(from), float64(bucketEnd(from))
		parts += n
		least, most = least+n*low, most+n*high
		leastSquares, mostSquares = leastSquares+n*low*low, mostSquares+n*high*high
	}
	if !near(float64(e.Parts), parts, parts) || !near(float64(e.Total), least, most) || !near(e.Squares, leastSquares, mostSquares) {
		return errors.New("parts, total or squares contradict the buckets")
	}
	if e.Least > e.Most || bucketOf(e.Least) != e.Buckets[0][0] || bucketOf(e.Most) != e.Buckets[len(e.Buckets)-1][0] {
		return errors.New("least and most are not in the outermost buckets")
	}
	return nil
}

// near reports whether v lies between two sums, up to rounding.
func near(v, low, high float64) bool {
	const margin = 1e-9
	return v >= low*(1-margin) && v <= high*(1+margin)
}
