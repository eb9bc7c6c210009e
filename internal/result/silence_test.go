package result

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func msec(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// The silences of several replicas are those that one would have had in their place.
func TestSilencesInCommon(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	of := func(replies []time.Duration) Silences {
		list := Silences{}
		last := time.Duration(0)
		for _, at := range append(slices.Sorted(slices.Values(replies)), 3*time.Second) {
			if at-last >= LeastSilence {
				list = list.Add(last, at)
			}
			last = at
		}
		return list
	}
	for range 200 {
		var all []time.Duration
		var common Silences
		for i := range 4 {
			var replies []time.Duration
			for range random.IntN(20) {
				replies = append(replies, time.Duration(random.Int64N(int64(3*time.Second))))
			}
			all = append(all, replies...)
			if i == 0 {
				common = of(replies)
			} else {
				common = common.Common(of(replies))
			}
		}
		if want := of(all); !slices.Equal(common, want) {
			t.Fatalf("in common %v, want %v", common, want)
		}
	}
}

// The longest are kept, in the order of time.
func TestSilencesAreFew(t *testing.T) {
	var list Silences
	at := time.Duration(0)
	for i := range 3 * MaxSilences {
		length := msec(50 + i*37%190)
		list = list.Add(at, at+length)
		at += length + 1
	}
	if len(list) != MaxSilences || !slices.IsSortedFunc(list, func(a, b Silence) int { return int(a.At - b.At) }) {
		t.Errorf("%d, or out of order: %v", len(list), list)
	}
	longest := slices.MaxFunc(list, func(a, b Silence) int { return int(a.For - b.For) })
	shortest := slices.MinFunc(list, func(a, b Silence) int { return int(a.For - b.For) })
	if longest.For != msec(239) || shortest.For < msec(175) {
		t.Errorf("from %v to %v", shortest.For, longest.For)
	}
}

func TestSilencesDamaged(t *testing.T) {
	one := `{"at_ns":0,"for_ns":50000000}`
	for text, want := range map[string]string{
		"[" + strings.Repeat(one+",", MaxSilences) + one + "]":   "65 silences: at most 64",
		"[" + one + "," + one + "]":                              "silence 2 is 50ms from 0s",
		`[{"at_ns":-1,"for_ns":50000000}]`:                       "silence 1",
		`[{"at_ns":0,"for_ns":49999999}]`:                        "none shorter than 50ms",
		`[{"at_ns":0,"for_ns":9223372036854775807}]`:             "silence 1",
		`[{"at_ns":9223372036854775807,"for_ns":9000000000}]`:    "silence 1",
		`[{"at_ns":0,"for_ns":50000000},{"at_ns":1,"for_ns":0}]`: "silence 2",
	} {
		var s Silences
		if err := json.Unmarshal([]byte(text), &s); err == nil || !strings.Contains(err.Error(), want) || s != nil {
			t.Errorf("%.80s: %v, want %q", text, err, want)
		}
	}
}

// Older files say nothing of silences, and a sum with them says nothing either.
func TestSilencesUnknown(t *testing.T) {
	a, b := replica(1, 100), replica(2, 100)
	a.Silences = Silences{{0, msec(60)}}
	for _, test := range []struct {
		b, want Silences
	}{{Silences{{0, msec(60)}}, Silences{{0, msec(60)}}}, {Silences{}, Silences{}}, {nil, nil}} {
		b.Silences = test.b
		sum, err := Merge([]Replica{a, b})
		if err != nil || !slices.Equal(sum.Silences, test.want) || (sum.Silences == nil) != (test.want == nil) {
			t.Errorf("with %v: %v (%v), want %v", test.b, sum.Silences, err, test.want)
		}
	}
}
