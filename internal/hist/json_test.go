package hist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestJSONRoundTrip(t *testing.T) {
	tests := map[string]*Histogram{
		"empty":     New(),
		"one":       recorded(123456),
		"body":      recorded(logNormal(1, 100_000)...),
		"clamped":   recorded(append(logNormal(2, 1000), -1, 0, 999, 60e9+1, math.MaxInt64)...),
		"edges":     recorded(Lowest, Highest),
		"only low":  recorded(0, 5, 999),
		"only high": recorded(61e9, 70e9),
	}
	for name, h := range tests {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(h)
			if err != nil {
				t.Fatal(err)
			}
			back := recorded(7777) // decoding replaces what was there
			if err := json.Unmarshal(data, back); err != nil {
				t.Fatal(err)
			}
			same(t, h, back)
			// What came back is alive: it records and merges.
			back.Record(5000)
			if err := back.Merge(h); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestJSONOfNothing(t *testing.T) {
	var holder struct {
		H *Histogram `json:"h"`
	}
	if data, err := json.Marshal(holder); err != nil || string(data) != `{"h":null}` {
		t.Errorf("%s, %v", data, err)
	}
	if err := json.Unmarshal([]byte(`{"h":null}`), &holder); err != nil || holder.H != nil {
		t.Errorf("null decodes to %v, %v", holder.H, err)
	}
	data, err := json.Marshal(new(Histogram))
	if err != nil {
		t.Fatal(err)
	}
	back := new(Histogram)
	if err := json.Unmarshal(data, back); err != nil {
		t.Error(err)
	}
	same(t, back, New())
}

func TestJSONFormat(t *testing.T) {
	data, err := json.Marshal(recorded(500, 2000, 61e9))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"count": 3, "sum": 61e9 + 2500, "min": 500, "max": 61e9, "below": 1, "above": 1}
	for name, v := range want {
		if fields[name] != v {
			t.Errorf("%s is %v, want %v", name, fields[name], v)
		}
	}
	// Any HdrHistogram reader must be able to take the string as it is.
	other, err := hdrhistogram.Decode([]byte(fields["v2"].(string)))
	if err != nil || other.TotalCount() != 3 {
		t.Errorf("a plain HdrHistogram reader: %v", err)
	}
}

// compressed is a V2 string with any header and counts.
func compressed(t testing.TB, cookie, length, offset, digits int32, low, high int64, ratio float64, counts []byte) string {
	t.Helper()
	var body bytes.Buffer
	z := zlib.NewWriter(&body)
	for _, field := range []any{cookie, length, offset, digits, low, high, ratio, counts} {
		if err := binary.Write(z, binary.BigEndian, field); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	outer := binary.BigEndian.AppendUint32(nil, uint32(hdrhistogram.V2CompressedEncodingCookieBase|0x10))
	outer = binary.BigEndian.AppendUint32(outer, uint32(body.Len()))
	return base64.StdEncoding.EncodeToString(append(outer, body.Bytes()...))
}

func TestUnmarshalRefuses(t *testing.T) {
	const inner = hdrhistogram.V2EncodingCookieBase | 0x10
	zeros := []byte{0}
	good := recorded(500, 2000, 3000, 61e9)
	// with is the good one with a field replaced.
	with := func(field string, value any) string {
		data, err := json.Marshal(good)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		fields[field] = value
		data, err = json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if err := json.Unmarshal([]byte(with("sum", good.Sum())), New()); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	tests := []struct{ name, data, want string }{
		{"a number", `3`, "cannot unmarshal"},
		{"no v2", `{}`, "too few"},
		{"not base64", with("v2", "!"), "illegal base64"},
		{"short", with("v2", "AAAA"), "too few"},
		{"not zlib", with("v2", "HISTBAAAAAQAAAAA"), "zlib"},
		{"cut off", with("v2", "HISTFAAAAAA="), "EOF"},
		{"other lowest", with("v2", compressed(t, inner, 1, 0, 3, 1000, Highest, 1, zeros)), "want 1 to 60000000000"},
		{"50 MB of buckets", with("v2", compressed(t, inner, 1, 0, 5, 1, math.MaxInt64, 1, zeros)), "want 1 to 60000000000"},
		{"shifted", with("v2", compressed(t, inner, 1, 7, 3, 1, Highest, 1, zeros)), "shifted"},
		{"scaled", with("v2", compressed(t, inner, 1, 0, 3, 1, Highest, math.NaN(), zeros)), "scaled"},
		{"huge length", with("v2", compressed(t, inner, math.MaxInt32, 0, 3, 1, Highest, 1, zeros)), "exceeds the maximum"},
		{"wrong length", with("v2", compressed(t, inner, 5, 0, 3, 1, Highest, 1, zeros)), "same size"},
		{"wrong cookie", with("v2", compressed(t, 1, 1, 0, 3, 1, Highest, 1, zeros)), "only V2"},
		{"too long", with("v2", strings.Repeat("A", longest)), "more than the limit of a histogram"},
		{"count", with("count", 5), "the buckets hold 4"},
		{"sum too small", with("sum", 61e9), "sum"},
		{"sum too large", with("sum", int64(62e9)), "sum"},
		{"sum negative", with("sum", -1), "negative"},
		{"min too small", with("min", 1000), "contradict"},
		{"min negative", with("min", -1), "negative"},
		{"min above max", with("min", int64(62e9)), "above the maximum"},
		{"max in range", with("max", int64(60e9)), "contradict"},
		{"below gone", with("below", 0), "contradict"},
		{"below too many", with("below", 2), "more clamped"},
		{"above gone", with("above", 0), "contradict"},
		{"above too many", with("above", 2), "more clamped"},
		{"not empty", strings.Replace(string(mustMarshal(t, New())), `"sum":0`, `"sum":1`, 1), "empty"},
		{"min elsewhere", strings.Replace(string(mustMarshal(t, recorded(5000))), `"min":5000`, `"min":4000`, 1), "outermost"},
		{"max elsewhere", strings.Replace(string(mustMarshal(t, recorded(5000))), `"max":5000`, `"max":6000`, 1), "outermost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := recorded(9999)
			err := h.UnmarshalJSON([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			same(t, h, recorded(9999))
		})
	}
}

func mustMarshal(t testing.TB, h *Histogram) []byte {
	t.Helper()
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every histogram that decodes is whole: its numbers agree, and it can be
// written again without a change.
func FuzzUnmarshal(f *testing.F) {
	f.Add(mustMarshal(f, New()))
	f.Add(mustMarshal(f, recorded(logNormal(1, 200)...)))
	f.Add(mustMarshal(f, recorded(0, 999, 1000, 5000, 60e9, 61e9, math.MaxInt64, math.MaxInt64)))
	f.Add([]byte(`{"v2":"HISTFAAAAAA=","count":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := new(Histogram)
		if h.UnmarshalJSON(data) != nil {
			same(t, h, New())
			return
		}
		var sum int64
		last := int64(-1)
		for v, n := range h.buckets() {
			if v <= last || n <= 0 {
				t.Fatalf("bucket %d of %d after %d", v, n, last)
			}
			last = v
			sum += n
		}
		low, high := h.Clamped()
		if sum != h.Count() || low < 0 || high < 0 || low+high > h.Count() {
			t.Fatalf("count %d, buckets %d, clamped %d and %d", h.Count(), sum, low, high)
		}
		previous := h.Min()
		for _, q := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1} {
			v := h.Quantile(q)
			if v < previous || v > h.Max() {
				t.Fatalf("Quantile(%v) = %d after %d, maximum %d", q, v, previous, h.Max())
			}
			previous = v
		}
		if m := h.Mean(); h.Sum() < math.MaxInt64 && (m < float64(h.Min())*(1-1e-6) || m > float64(h.Max())*(1+1e-6)) {
			t.Fatalf("mean %v outside %d to %d", m, h.Min(), h.Max())
		}
		back := new(Histogram)
		if err := json.Unmarshal(mustMarshal(t, h), back); err != nil {
			t.Fatal(err)
		}
		same(t, h, back)
		merged := New()
		if err := merged.Merge(h); err != nil {
			t.Fatal(err)
		}
		same(t, h, merged)
	})
}
