package hist

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// seriesOf records an interval for each list.
func seriesOf(intervals ...[]int64) Series {
	r := NewRecorder(len(intervals))
	for _, values := range intervals {
		for _, v := range values {
			r.Record(v)
		}
		r.Cut()
	}
	return r.Series()
}

// The buckets are those of HdrHistogram, so that a log loses nothing.
func TestCoarseBucketsAreHdrHistograms(t *testing.T) {
	for v := int64(Lowest); v <= Highest; v += 1 + v/777 {
		bins := hdrhistogram.New(unit, Highest, coarseDigits)
		if err := bins.RecordValue(v); err != nil {
			t.Fatal(err)
		}
		from, to := coarseBounds(coarseBucket(v))
		if from > v || to < v || float64(to-from) > float64(v)/perOctave {
			t.Fatalf("%d ns is in a bucket from %d to %d", v, from, to)
		}
		if min, max := bins.Min(), bins.Max(); min != from || max != to {
			t.Fatalf("%d ns: from %d to %d, the library has %d to %d", v, from, to, min, max)
		}
	}
	if coarseBucket(Highest) != coarseBuckets-1 {
		t.Errorf("the last bucket is %d of %d", coarseBucket(Highest), coarseBuckets)
	}
}

func TestCoarse(t *testing.T) {
	values := append(logNormal(3, 10_000), 0, -7, 70e9)
	fine, coarse := recorded(values...), seriesOf(values)[0]
	if coarse.Count() != fine.Count() || coarse.Max() != fine.Max() {
		t.Errorf("%d durations up to %d, want %d up to %d", coarse.Count(), coarse.Max(), fine.Count(), fine.Max())
	}
	for _, q := range []float64{0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1, 2} {
		if got, want := float64(coarse.Quantile(q)), float64(fine.Quantile(q)); math.Abs(got-want) > want/perOctave {
			t.Errorf("quantile %v is %v, want %v within 1%%", q, got, want)
		}
	}
	if got := coarse.Quantile(math.NaN()); got != Lowest+3 { // the end of the bucket of 1 µs
		t.Errorf("quantile NaN is %d", got)
	}
	last := Bucket{}
	for b := range coarse.Buckets() {
		if b.From <= last.To || b.To < b.From || b.Count < 1 {
			t.Errorf("%+v after %+v", b, last)
		}
		last = b
	}
	var empty Coarse
	if empty.Count() != 0 || empty.Max() != 0 || empty.Quantile(0.5) != 0 {
		t.Error("an empty histogram reads as something")
	}
}

// The sum of the parts is as if one had recorded everything.
func TestSeriesMerge(t *testing.T) {
	a, b, c := logNormal(1, 3000), logNormal(2, 200), logNormal(3, 50)
	whole := seriesOf(slices.Concat(a, b), nil, c, []int64{70e9, 5000})
	sum, err := seriesOf(a, nil, nil, []int64{5000}).Merge(seriesOf(b, nil, c, []int64{70e9}))
	if err != nil || !sameSeries(sum, whole) {
		t.Errorf("the merge differs (%v)", err)
	}
	if _, err := whole.Merge(whole[:3]); err == nil {
		t.Error("series of different lengths were merged")
	}
	if again, err := (Series)(nil).Merge(nil); err != nil || len(again) != 0 {
		t.Errorf("nothing and nothing is %v, %v", again, err)
	}
}

func sameSeries(a, b Series) bool {
	return slices.EqualFunc(a, b, func(a, b Coarse) bool { return bytes.Equal(a.text, b.text) })
}

func TestSeriesJSON(t *testing.T) {
	for _, s := range []Series{nil, seriesOf(nil), seriesOf(logNormal(1, 5000), nil, []int64{0}, []int64{70e9})} {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Series
		if err := json.Unmarshal(text, &back); err != nil || !sameSeries(s, back) {
			t.Errorf("%d intervals come back as %d (%v)", len(s), len(back), err)
		}
	}
}

func TestSeriesDamaged(t *testing.T) {
	long := bytes.Repeat([]byte{0}, MaxSeries+1)
	number := func(list ...uint64) []byte {
		var text []byte
		for _, v := range list {
			text = binary.AppendUvarint(text, v)
		}
		return text
	}
	for want, text := range map[string][]byte{
		"more than 1024 intervals": long,
		"too early":                number(1, 2000, 634),
		"buckets: want 1 to 3808":  number(5000),
		"0 buckets":                {0x80, 0, 0},
		"bucket 4000 of":           number(1, 2000, 4000, 1),
		"0 after the one before":   number(2, 2000, 634, 1, 0, 1),
		"a count of 0":             number(1, 2000, 634, 0),
		"a count of 7036":          number(1, 2000, 634, maxSeriesCount+1),
		"not in the last bucket":   number(1, 9000, 634, 1),
		"interval 2":               append([]byte{0}, number(1, 9000, 634, 1)...),
		"a number is too large":    number(1, math.MaxUint64, 634, 1),
	} {
		var s Series
		err := json.Unmarshal([]byte(`"`+base64.StdEncoding.EncodeToString(text)+`"`), &s)
		if err == nil || !strings.Contains(err.Error(), want) || s != nil {
			t.Errorf("%.20x: %v, want %q", text, err, want)
		}
	}
	var s Series
	for _, text := range []string{`"*"`, `3`, `{}`} {
		if json.Unmarshal([]byte(text), &s) == nil {
			t.Errorf("%s was decoded", text)
		}
	}
}

// Whatever is accepted encodes to the same, and merging doubles every count.
func FuzzSeries(f *testing.F) {
	for _, s := range []Series{seriesOf(nil), seriesOf(logNormal(1, 30), nil, []int64{0, 70e9})} {
		text, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s, again Series
		if json.Unmarshal(text, &s) != nil {
			return
		}
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(encoded, &again); err != nil || !sameSeries(s, again) {
			t.Fatalf("%d intervals come back as %d (%v)", len(s), len(again), err)
		}
		sum, err := s.Merge(again)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range s {
			if sum[i].Count() != 2*c.Count() || sum[i].Max() != c.Max() || c.Quantile(1) > c.Max() {
				t.Fatalf("interval %d: %d up to %d, twice is %d up to %d", i, c.Count(), c.Max(), sum[i].Count(), sum[i].Max())
			}
			if n := c.logged().TotalCount(); n != c.Count() {
				t.Fatalf("interval %d: a log has %d of %d", i, n, c.Count())
			}
		}
	})
}

func TestRecorderAllocatesNothing(t *testing.T) {
	r := NewRecorder(100)
	values := append(logNormal(5, 64), 0, -1, math.MaxInt64)
	i := 0
	if n := testing.AllocsPerRun(1000, func() { r.Record(values[i%len(values)]); i++ }); n != 0 {
		t.Errorf("Record allocates %v times", n)
	}
}

func BenchmarkRecorder(b *testing.B) {
	r := NewRecorder(1)
	values := logNormal(1, 1024)
	b.Run("record", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			r.Record(values[i&1023])
			i++
		}
	})
	b.Run("cut", func(b *testing.B) {
		for b.Loop() {
			for _, v := range values {
				r.counts.add(coarseBucket(v), 1)
			}
			r.text = r.counts.cut(r.text[:0])
		}
	})
}
