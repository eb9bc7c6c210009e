package hist

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

// shareDigits is how many leading bits of a count a bucket of Shares keeps:
// counts below 2^shareDigits are exact, larger ones to 0.1%.
const shareDigits = 11

// Shares is how work was divided among parts: how many operations each of many
// connections had. Parts, Total, Least, Most and Jain are exact; merging Shares
// gives what adding all of their parts to one would.
//
// The zero value is empty and ready to use; a nil Shares reads as an empty one.
type Shares struct {
	buckets     map[uint64]int64 // parts by the least count of their bucket
	parts       int64
	total       int64
	squares     float64 // the sum of the counts' squares
	least, most uint64
}

// bucketOf is the least count of the bucket that a count belongs to.
func bucketOf(count uint64) uint64 {
	if extra := bits.Len64(count) - shareDigits; extra > 0 {
		return count >> extra << extra
	}
	return count
}

// bucketEnd is the largest count of the bucket with this least one.
func bucketEnd(from uint64) uint64 {
	if extra := bits.Len64(from) - shareDigits; extra > 0 {
		return from | (1<<extra - 1)
	}
	return from
}

// Add adds a part that has so many operations.
func (s *Shares) Add(count uint32) {
	n := uint64(count)
	s.add(bucketOf(n), 1)
	s.extend(n, n)
	s.parts++
	s.total = add(s.total, int64(n))
	s.squares += float64(n) * float64(n)
}

func (s *Shares) add(bucket uint64, parts int64) {
	if s.buckets == nil {
		s.buckets = make(map[uint64]int64)
	}
	s.buckets[bucket] += parts
}

// extend takes in the least and the largest count of parts to be added.
func (s *Shares) extend(least, most uint64) {
	if s.parts == 0 {
		s.least = least
	}
	s.least, s.most = min(s.least, least), max(s.most, most)
}

// Merge adds the parts of o, which stays as it was.
func (s *Shares) Merge(o *Shares) {
	if o.Parts() == 0 {
		return
	}
	s.extend(o.least, o.most)
	for bucket, parts := range o.buckets {
		s.add(bucket, parts)
	}
	s.parts = add(s.parts, o.parts)
	s.total = add(s.total, o.total)
	s.squares += o.squares
}

// Parts is how many parts there are.
func (s *Shares) Parts() int64 {
	if s == nil {
		return 0
	}
	return s.parts
}

// Total is the operations of all parts.
func (s *Shares) Total() int64 {
	if s == nil {
		return 0
	}
	return s.total
}

// Mean is the operations of a part; 0 without parts.
func (s *Shares) Mean() float64 {
	if s.Parts() == 0 {
		return 0
	}
	return float64(s.total) / float64(s.parts)
}

// Quantile is the count that a share q of the parts do not exceed: exact below
// 2048, above as the upper end of its bucket. Quantile(0) is the least and
// Quantile(1) the largest count, and nothing lies outside them; it is 0 without
// parts.
func (s *Shares) Quantile(q float64) int64 {
	switch {
	case s.Parts() == 0:
		return 0
	case !(q > 0): // NaN as well
		return int64(s.least)
	case q >= 1:
		return int64(s.most)
	}
	const rounding = 1e-9 // of the product
	rank := max(1, int64(math.Ceil(q*float64(s.parts)*(1-rounding))))
	for _, from := range slices.Sorted(maps.Keys(s.buckets)) {
		if rank -= s.buckets[from]; rank <= 0 {
			return int64(min(max(bucketEnd(from), s.least), s.most))
		}
	}
	return int64(s.most)
}

// Below is how many parts have fewer operations than limit. A part within 0.1%
// of a limit above 2048 may be counted on either side.
func (s *Shares) Below(limit float64) int64 {
	if s.Parts() == 0 {
		return 0
	}
	var n int64
	for from, parts := range s.buckets {
		if float64(max(from, s.least)) < limit {
			n += parts
		}
	}
	return n
}

// Jain is the fairness index (Σx)² ÷ (n Σx²) of the counts x of n parts: 1
// where all are equal, 1 ÷ n where one has everything, and about the share of
// parts that have anything where those are equal. Counts that scatter by chance
// around a mean m, as Poisson's do, have m ÷ (m + 1). It is 0 where there is
// nothing to divide. R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of
// Fairness and Discrimination for Resource Allocation in Shared Computer
// Systems", DEC-TR-301 (1984).
func (s *Shares) Jain() float64 {
	if s.Total() == 0 {
		return 0
	}
	return min(1, float64(s.total)*float64(s.total)/(float64(s.parts)*s.squares))
}
