package hist

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// MaxSeries is the greatest length of a Series.
const MaxSeries = 1024

// maxSeriesCount limits a count, so that sums of many of them fit into 64 bits.
const maxSeriesCount = 1 << 46

// Series is a histogram for each of consecutive intervals of time. It merges without
// loss, and needs a few kilobytes at most for an interval. It cannot be changed; the
// zero value has no intervals.
type Series []Coarse

// Merge returns the sum of two series, interval by interval. It refuses series of
// different lengths.
func (s Series) Merge(o Series) (Series, error) {
	if len(s) != len(o) {
		return nil, fmt.Errorf("merge series: one has %d intervals, the other %d", len(s), len(o))
	}
	sum := make(Series, len(s))
	var counts counts
	for i := range s {
		for _, c := range []Coarse{s[i], o[i]} {
			for bucket, n := range c.counts() {
				counts.add(bucket, uint64(n))
			}
			counts.max = max(counts.max, c.Max())
		}
		sum[i] = Coarse{counts.cut(nil)}
	}
	return sum, nil
}

// Memory returns how many bytes of memory the histograms take.
func (s Series) Memory() int {
	const beside = 24 // of the text
	total := beside * len(s)
	for _, c := range s {
		total += len(c.text)
	}
	return total
}

// MarshalJSON encodes the series as base64 of the text of each histogram; one byte, 0,
// for an empty one.
func (s Series) MarshalJSON() ([]byte, error) {
	var text []byte
	for _, c := range s {
		if len(c.text) == 0 {
			text = append(text, 0)
		}
		text = append(text, c.text...)
	}
	return json.Marshal(text)
}

// UnmarshalJSON decodes the output of MarshalJSON. It refuses text that is damaged or
// that contradicts itself. It needs no more memory than a few times the text.
func (s *Series) UnmarshalJSON(data []byte) error {
	var encoded string
	if err := json.Unmarshal(data, &encoded); err != nil {
		return fmt.Errorf("decode series: %w", err)
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("decode series: %w", err)
	}
	var list Series
	for len(text) > 0 {
		if len(list) == MaxSeries {
			return fmt.Errorf("decode series: more than %d intervals", MaxSeries)
		}
		n, err := coarseLength(text)
		if err != nil {
			return fmt.Errorf("decode series: interval %d: %w", len(list)+1, err)
		}
		var c Coarse
		if n > 1 {
			c.text = text[:n:n]
		}
		list, text = append(list, c), text[n:]
	}
	*s = list
	return nil
}

var errShort = errors.New("it ends too early, or a number is too large")

// coarseLength checks the text of a histogram and returns its length.
func coarseLength(text []byte) (int, error) {
	rest := text
	next := func() (uint64, error) {
		v, n := binary.Uvarint(rest)
		if n <= 0 || v > math.MaxInt64 {
			return 0, errShort
		}
		rest = rest[n:]
		return v, nil
	}
	if text[0] == 0 {
		return 1, nil
	}
	n, err := next()
	if err != nil {
		return 0, err
	}
	if n == 0 || n > coarseBuckets {
		return 0, fmt.Errorf("%d buckets: want 1 to %d", n, coarseBuckets)
	}
	most, err := next()
	if err != nil {
		return 0, err
	}
	bucket := uint64(0)
	for i := range n {
		gap, err := next()
		if err != nil {
			return 0, err
		}
		count, err := next()
		if err != nil {
			return 0, err
		}
		if bucket += gap; gap > coarseBuckets || bucket >= coarseBuckets || i > 0 && gap == 0 {
			return 0, fmt.Errorf("bucket %d of %d, %d after the one before", bucket, coarseBuckets, gap)
		}
		if count == 0 || count > maxSeriesCount {
			return 0, fmt.Errorf("a count of %d: want 1 to %d", count, int64(maxSeriesCount))
		}
	}
	if coarseBucket(clamp(int64(most))) != int(bucket) {
		return 0, fmt.Errorf("maximum %d ns is not in the last bucket", most)
	}
	return len(text) - len(rest), nil
}

// Recorder records the durations of one interval after another. It must not be read or
// written while another goroutine writes it.
type Recorder struct {
	counts    counts
	text      []byte // of the intervals that have ended
	intervals []int  // where each of them ends in text
}

// usualInterval is the usual length of the text of an interval.
const usualInterval = 512

// NewRecorder returns a Recorder with room for a number of intervals.
func NewRecorder(intervals int) *Recorder {
	return &Recorder{text: make([]byte, 0, intervals*usualInterval), intervals: make([]int, 0, intervals)}
}

// Record counts a duration in the current interval, like Histogram.Record. It does not
// allocate.
func (r *Recorder) Record(ns int64) {
	r.counts.add(coarseBucket(clamp(ns)), 1)
	r.counts.max = max(r.counts.max, ns)
}

// Cut ends the current interval. It takes a few microseconds, and allocates only when
// the intervals are larger than usual.
func (r *Recorder) Cut() {
	r.text = r.counts.cut(r.text)
	r.intervals = append(r.intervals, len(r.text))
}

// Series returns the intervals that have ended, which later calls of r do not change.
func (r *Recorder) Series() Series {
	s := make(Series, len(r.intervals))
	from := 0
	for i, to := range r.intervals {
		s[i] = Coarse{slices.Clone(r.text[from:to])}
		from = to
	}
	return s
}

// counts are those of the buckets of a Coarse histogram to be.
type counts struct {
	of   [coarseBuckets]uint64
	most int // the last bucket that is not empty
	max  int64
}

func (c *counts) add(bucket int, n uint64) {
	c.of[bucket] += n
	c.most = max(c.most, bucket)
}

// cut appends the text of the histogram, which is nothing if it is empty, and empties it.
func (c *counts) cut(text []byte) []byte {
	filled := c.of[:c.most+1]
	n := 0
	for _, count := range filled {
		if count > 0 {
			n++
		}
	}
	if n == 0 {
		return text
	}
	text = binary.AppendUvarint(text, uint64(n))
	text = binary.AppendUvarint(text, uint64(c.max))
	last := 0
	for bucket, count := range filled {
		if count == 0 {
			continue
		}
		text = binary.AppendUvarint(text, uint64(bucket-last))
		text = binary.AppendUvarint(text, count)
		last = bucket
	}
	clear(filled)
	c.most, c.max = 0, 0
	return text
}
