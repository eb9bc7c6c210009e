package hist

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

// shareDigits is the number of leading bits of a count that a bucket of Shares
// keeps: counts below 2^shareDigits are exact, larger ones within 0.1%.
const shareDigits = 11

// Shares is the distribution of work over parts, such as of operations over
// connections. Parts, Total, least, most and Jain are exact, also after a merge.
//
// The zero value is empty and ready to use; a nil Shares reads as an empty one.
type Shares struct {
	buckets     map[uint64]int64 // lowest count of a bucket to its number of parts
	parts       int64
	total       int64
	squares     float64 // sum of the squared counts
	least, most uint64
}

// bucketOf returns the lowest count of the bucket that holds a count.
func bucketOf(count uint64) uint64 {
	if extra := bits.Len64(count) - shareDigits; extra > 0 {
		return count >> extra << extra
	}
	return count
}

// bucketEnd returns the largest count of the bucket that starts at from.
func bucketEnd(from uint64) uint64 {
	if extra := bits.Len64(from) - shareDigits; extra > 0 {
		return from | (1<<extra - 1)
	}
	return from
}

// Add adds a part with count operations.
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

// extend widens the range of counts to include parts that are about to be added.
func (s *Shares) extend(least, most uint64) {
	if s.parts == 0 {
		s.least = least
	}
	s.least, s.most = min(s.least, least), max(s.most, most)
}

// Merge adds the parts of o to s.
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

// Parts returns the number of parts.
func (s *Shares) Parts() int64 {
	if s == nil {
		return 0
	}
	return s.parts
}

// Total returns the operations of all parts.
func (s *Shares) Total() int64 {
	if s == nil {
		return 0
	}
	return s.total
}

// Mean returns the mean operations per part; 0 without parts.
func (s *Shares) Mean() float64 {
	if s.Parts() == 0 {
		return 0
	}
	return float64(s.total) / float64(s.parts)
}

// Quantile returns the count that a share q of the parts do not exceed: exact
// below 2048, otherwise the upper end of its bucket, within the least and largest
// counts, which are Quantile(0) and Quantile(1). It is 0 without parts.
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

// Below returns how many parts have fewer operations than limit. Parts within
// 0.1% of a limit above 2048 may be counted either way.
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

// Jain returns the fairness index (Σx)² ÷ (n Σx²) of the counts x of n parts: 1 if
// all are equal, 1 ÷ n if one part has everything, and k ÷ n if k parts share it
// equally. Poisson-distributed counts of mean m have m ÷ (m + 1). It is 0 if Total
// is 0. R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and
// Discrimination for Resource Allocation in Shared Computer Systems", DEC-TR-301
// (1984).
func (s *Shares) Jain() float64 {
	if s.Total() == 0 {
		return 0
	}
	return min(1, float64(s.total)*float64(s.total)/(float64(s.parts)*s.squares))
}
