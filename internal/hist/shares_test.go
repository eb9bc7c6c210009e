package hist

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func sharesOf(counts ...uint32) *Shares {
	s := new(Shares)
	for _, n := range counts {
		s.Add(n)
	}
	return s
}

// Half of the parts have next to nothing: the mean and the median of the
// operations do not show it, the shares do.
func TestSharesOfHalfStarved(t *testing.T) {
	s := sharesOf(append(slices.Repeat([]uint32{1}, 50), slices.Repeat([]uint32{1400}, 50)...)...)
	for q, want := range map[float64]int64{0: 1, 0.25: 1, 0.5: 1, 0.51: 1400, 0.75: 1400, 1: 1400} {
		if got := s.Quantile(q); got != want {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if got := s.Below(s.Mean() / 10); got != 50 || s.Parts() != 100 || s.Total() != 50*1401 {
		t.Errorf("%d below a tenth of the mean, %d parts, %d in all; want 50, 100, %d", got, s.Parts(), s.Total(), 50*1401)
	}
	if got := s.Jain(); math.Abs(got-0.5007) > 1e-4 {
		t.Errorf("Jain %v, want 0.5007", got)
	}
}

func TestJain(t *testing.T) {
	for _, test := range []struct {
		counts []uint32
		want   float64
	}{
		{nil, 0},
		{[]uint32{0, 0}, 0},
		{[]uint32{7, 7, 7}, 1},
		{[]uint32{9, 0, 0, 0}, 0.25}, // one has everything
		{[]uint32{5, 5, 0, 0}, 0.5},  // half have anything
		{[]uint32{1, 2, 3}, 36.0 / 42},
	} {
		if got := sharesOf(test.counts...).Jain(); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", test.counts, got, test.want)
		}
	}
}

// Merging is adding all parts to one, whatever the order, and encoding loses
// nothing.
func TestSharesMergeAndEncode(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		all, merged := new(Shares), new(Shares)
		var counts []uint32
		for range random.IntN(4) {
			one := new(Shares)
			for range random.IntN(50) {
				n := random.Uint32() >> random.IntN(32)
				counts = append(counts, n)
				all.Add(n)
				one.Add(n)
			}
			text, err := json.Marshal(one)
			if err != nil {
				t.Fatal(err)
			}
			again := new(Shares)
			if err := json.Unmarshal(text, again); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if !reflect.DeepEqual(one, again) {
				t.Fatalf("%+v is read as %+v", one, again)
			}
			merged.Merge(again)
		}
		if math.Abs(all.squares-merged.squares) > 1e-12*all.squares {
			t.Fatalf("squares %v, merged %v", all.squares, merged.squares)
		}
		merged.squares = all.squares // floating point depends on the order
		if !reflect.DeepEqual(all, merged) {
			t.Fatalf("%+v is merged to %+v", all, merged)
		}
		slices.Sort(counts)
		for i, want := range counts {
			got := all.Quantile(float64(i+1) / float64(len(counts)))
			if float64(got) < float64(want) || float64(got) > float64(want)*(1+1.0/1024) {
				t.Fatalf("the %dth of %v is %d", i+1, counts, got)
			}
		}
	}
	var none *Shares
	if none.Parts()+none.Total()+none.Quantile(0.5)+none.Below(1) != 0 || none.Jain() != 0 || none.Mean() != 0 {
		t.Error("nil is not empty")
	}
}

// What is damaged is refused, and changes nothing.
func TestSharesRefuse(t *testing.T) {
	for name, text := range map[string]string{
		"no bucket":        `{"parts":1,"total":1,"squares":1,"least":1,"most":1,"buckets":[]}`,
		"descending":       `{"parts":2,"total":3,"squares":5,"least":2,"most":1,"buckets":[[2,1],[1,1]]}`,
		"between buckets":  `{"parts":1,"total":2049,"squares":4198401,"least":2049,"most":2049,"buckets":[[2049,1]]}`,
		"another total":    `{"parts":1,"total":9,"squares":4,"least":2,"most":2,"buckets":[[2,1]]}`,
		"another count":    `{"parts":7,"total":2,"squares":4,"least":2,"most":2,"buckets":[[2,1]]}`,
		"other squares":    `{"parts":1,"total":2,"squares":9,"least":2,"most":2,"buckets":[[2,1]]}`,
		"another least":    `{"parts":1,"total":2,"squares":4,"least":1,"most":2,"buckets":[[2,1]]}`,
		"nobody":           `{"parts":0,"total":0,"squares":0,"least":2,"most":2,"buckets":[[2,0]]}`,
		"negative":         `{"parts":-1,"total":2,"squares":4,"least":2,"most":2,"buckets":[[2,-1]]}`,
		"no whole numbers": `{"parts":1.5}`,
	} {
		s := sharesOf(3)
		if err := json.Unmarshal([]byte(text), s); err == nil || !reflect.DeepEqual(s, sharesOf(3)) {
			t.Errorf("%s: error %v, read as %+v", name, err, s)
		}
	}
}

// Whatever is read can be asked and merged, and is written as it was read.
func FuzzShares(f *testing.F) {
	for _, s := range []*Shares{sharesOf(), sharesOf(0), sharesOf(1, 2, 3), sharesOf(5000, math.MaxUint32)} {
		text, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := new(Shares)
		if json.Unmarshal(data, s) != nil {
			return
		}
		s.Merge(sharesOf(7))
		if j := s.Jain(); !(j >= 0 && j <= 1) || s.Quantile(0) > s.Quantile(1) {
			t.Errorf("Jain %v, least %d, most %d", j, s.Quantile(0), s.Quantile(1))
		}
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	})
}
