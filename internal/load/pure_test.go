package load

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

func TestValidate(t *testing.T) {
	v4, v6 := netip.MustParseAddrPort("127.0.0.1:8972"), netip.MustParseAddrPort("[::1]:8972")
	good := Config{Targets: []netip.AddrPort{v4}, Workload: workload.Workload{Conns: 10}, Timing: workload.Timing{Window: time.Second}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want   string // part of the error
		change func(*Config)
	}{
		{"no address", func(c *Config) { c.Targets = nil }},
		{"want an IP address and a port", func(c *Config) { c.Targets = []netip.AddrPort{{}} }},
		{"want an IP address and a port", func(c *Config) { c.Targets = []netip.AddrPort{netip.AddrPortFrom(v4.Addr(), 0)} }},
		{"0 connections", func(c *Config) { c.Conns = 0 }},
		{"11 event loops", func(c *Config) { c.Loops = 11 }},
		{"-1 event loops", func(c *Config) { c.Loops = -1 }},
		{"-size -1", func(c *Config) { c.Size = -1 }},
		{"-size 1048577", func(c *Config) { c.Size = workload.MaxSize + 1 }},
		{"-connect-rate NaN", func(c *Config) { c.ConnectRate = math.NaN() }},
		{"-connect-rate -1", func(c *Config) { c.ConnectRate = -1 }},
		{"-connect-stages cannot be combined with -connect-rate", func(c *Config) { c.ConnectRate, c.ConnectStages = 5, "1s:5" }},
		{"-warmup -1s", func(c *Config) { c.Warmup = -time.Second }},
		{"-d 0s", func(c *Config) { c.Window = 0 }},
		{"-d 25h", func(c *Config) { c.Window = 25 * time.Hour }},
		{"-timeout -1s", func(c *Config) { c.Timeout = -time.Second }},
		{"one is IPv4", func(c *Config) { c.Targets, c.Local = []netip.AddrPort{v6}, []netip.Addr{v4.Addr()} }},
		{"source address", func(c *Config) { c.Local = []netip.Addr{{}} }},
	} {
		c := good
		test.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one about %q", err, test.want)
		}
	}
}

func TestDefaults(t *testing.T) {
	c := Config{Workload: workload.Workload{Conns: 1}}.withDefaults()
	if c.Loops != 1 || c.Size != 8 || c.Timeout != time.Minute {
		t.Errorf("%d loops, size %d, timeout %v", c.Loops, c.Size, c.Timeout)
	}
}

func TestRoute(t *testing.T) {
	a, b := netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("127.0.0.1:2")
	x, y := netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")
	c := Config{Targets: []netip.AddrPort{a, b}, Local: []netip.Addr{x, y}}
	type route struct {
		netip.AddrPort
		netip.Addr
	}
	uses := map[route]int{}
	for i := range 40 {
		to, from := c.route(i)
		uses[route{to, from}]++
	}
	for _, r := range []route{{a, x}, {a, y}, {b, x}, {b, y}} {
		if uses[r] != 10 {
			t.Errorf("%v from %v: %d times, want 10", r.AddrPort, r.Addr, uses[r])
		}
	}
	c.Local = nil
	if to, from := c.route(1); to != b || from.IsValid() {
		t.Errorf("without sources: %v from %v", to, from)
	}
}

func TestWord(t *testing.T) {
	seen := map[uint64]bool{}
	heads := map[byte]bool{}
	for c := range uint32(100) {
		for at := int64(1e9); at < 1e9+100; at++ {
			w := word(c, at)
			if seen[w] {
				t.Fatalf("connection %d at %d ns: a word used before", c, at)
			}
			seen[w] = true
			heads[byte(w)] = true
		}
	}
	if len(heads) < 250 {
		t.Errorf("first bytes take %d values, want nearly 256: messages of one byte consist of them", len(heads))
	}
}

func TestRequest(t *testing.T) {
	const w = 0x0807060504030201
	for _, test := range []struct {
		size int
		want []byte
	}{
		{1, []byte{1}},
		{7, []byte{1, 2, 3, 4, 5, 6, 7}},
		{8, []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		{11, []byte{1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10}},
	} {
		if got := newRequest(test.size, proto.Client{}).with(w); string(got) != string(test.want) {
			t.Errorf("size %d: %v, want %v", test.size, got, test.want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, size := range []int{1, 7, 8, 9, 16, 1000} {
		r := newRequest(size, proto.Client{})
		const w = 0x1122334455667788
		message := append([]byte(nil), r.with(w)...)
		for from := 0; from <= size; from++ {
			for _, to := range []int{from, from + 1, from + 8, size} {
				if to < from || to > size {
					continue
				}
				r.with(^uint64(w)) // whatever was made last must not matter
				in := append([]byte(nil), message[from:to]...)
				if !r.matches(w, from, in) {
					t.Fatalf("size %d: bytes %d to %d do not match themselves", size, from, to)
				}
				for i := range in {
					in[i] ^= 0x40
					if r.matches(w, from, in) {
						t.Fatalf("size %d: bytes %d to %d match with byte %d changed", size, from, to, i)
					}
					in[i] ^= 0x40
				}
				if r.matches(w, from, append(message[from:size:size], 0)) {
					t.Fatalf("size %d: a byte too many matches", size)
				}
			}
		}
	}
}

func TestPace(t *testing.T) {
	for _, test := range []struct {
		rate pace
		n    int
		want time.Duration
	}{
		{0, 1_000_000, 0},
		{1000, 0, 0},
		{1000, 1, time.Millisecond},
		{1000, 2500, 2500 * time.Millisecond},
		{3, 1, 333_333_334}, // never early
		{1e-300, 1, math.MaxInt64},
		{pace(math.Inf(1)), 5, 0},
	} {
		if got := test.rate.due(test.n); got != test.want {
			t.Errorf("%v/s: step %d is due at %v, want %v", float64(test.rate), test.n, got, test.want)
		}
	}
}

func TestBackOff(t *testing.T) {
	var pause, sum time.Duration
	for range 10 {
		next := backOff(pause)
		if next < firstBackOff || next > lastBackOff || next < pause {
			t.Fatalf("%v follows %v", next, pause)
		}
		pause = next
		sum += pause
	}
	if pause != lastBackOff {
		t.Errorf("%v after %v, want %v", pause, sum, lastBackOff)
	}
}

func TestSilent(t *testing.T) {
	for _, test := range []struct {
		elapsed, lastNews time.Duration
		heard             int
		want              bool
	}{
		{500 * time.Millisecond, time.Millisecond, 10, false},
		{1003 * time.Millisecond, time.Millisecond, 10, false}, // not above 1 s + 3 × 1 ms
		{1005 * time.Millisecond, time.Millisecond, 10, true},
		{8 * time.Second, 2 * time.Second, 10, false}, // the slowest took 2 s: 7 s more
		{10 * time.Second, 2 * time.Second, 10, true},
		{30 * time.Second, 0, 0, false}, // nobody has spoken: the server may be slow
		{time.Minute, 0, 0, true},
		{time.Minute, 59 * time.Second, 10, true},
	} {
		if got := silent(test.elapsed, test.lastNews, test.heard, time.Minute); got != test.want {
			t.Errorf("%v after the start, %d heard, the last after %v: %v, want %v", test.elapsed, test.heard, test.lastNews, got, test.want)
		}
	}
}

func TestDrainLimit(t *testing.T) {
	if got := drainLimit(2*time.Second, time.Minute); got != 7*time.Second {
		t.Errorf("%v, want 7s", got)
	}
	if got := drainLimit(2*time.Second, time.Second); got != time.Second {
		t.Errorf("%v, want the timeout", got)
	}
}

// One replica among very many has the processor so seldom that the drain may
// be seconds old before its loop sees that the window has closed.
func TestDrainOver(t *testing.T) {
	v := new(published)
	g := &generator{cfg: Config{Timing: workload.Timing{Timeout: time.Minute}}, visible: []*published{v}}
	if g.drainOver(30 * time.Second) {
		t.Error("over before the loop has ended")
	}
	v.operations.Store(2)
	v.recorded.Store(int64(4 * time.Second))
	v.ended.Store(true)
	if g.drainOver(7*time.Second) || !g.drainOver(8*time.Second) {
		t.Error("does not end between 7s and 8s at a mean of 2s")
	}
}

// A window has ten slices, or as many as are not too short or too long.
func TestSlices(t *testing.T) {
	for window, want := range map[time.Duration]struct {
		width time.Duration
		n     int
	}{
		time.Nanosecond:         {20 * time.Millisecond, 1},
		20 * time.Millisecond:   {20 * time.Millisecond, 1},
		20*time.Millisecond + 1: {20 * time.Millisecond, 2},
		150 * time.Millisecond:  {20 * time.Millisecond, 8},
		200 * time.Millisecond:  {20 * time.Millisecond, 10},
		250 * time.Millisecond:  {25 * time.Millisecond, 10},
		time.Second:             {100 * time.Millisecond, 10},
		1550 * time.Millisecond: {100 * time.Millisecond, 16},
		time.Minute:             {100 * time.Millisecond, 600},
	} {
		width := sliceWidth(window)
		if n := slicesOf(window, width); width != want.width || n != want.n {
			t.Errorf("%v has %d slices of %v, want %d of %v", window, n, width, want.n, want.width)
		}
		// Every moment of the window has a slice.
		tally := newTally(window, new(int))
		for _, at := range []time.Duration{0, width - 1, window / 2, window - 1} {
			if at < window {
				tally.count(at, 8)
				if tally.slices[at/width] == 0 {
					t.Errorf("a reply %v into a window of %v is not in slice %d: %v", at, window, at/width, tally.slices)
				}
			}
		}
	}
}

func TestTally(t *testing.T) {
	a, b := newTally(250*time.Millisecond, new(int)), newTally(250*time.Millisecond, new(int))
	a.record(10*time.Millisecond, time.Millisecond, 8)
	a.record(249*time.Millisecond, 3*time.Millisecond, 8)
	b.record(0, 2*time.Millisecond, 8)
	a.active, a.inFlight, a.oldest = 2, 1, time.Millisecond
	b.active, b.inFlight, b.oldest = 1, 2, time.Second
	a.errors[wrong], b.errors[wrong], b.errors[timedOut] = 1, 2, 3

	opened := time.Second
	r := result.Replica{Latency: hist.New(), Connect: hist.New(), Slices: make([]int64, 10), Errors: map[string]int64{}}
	for _, tally := range []*tally{newTally(250*time.Millisecond, new(int)), a, b} {
		if err := tally.addTo(&r, opened); err != nil {
			t.Fatal(err)
		}
	}
	if r.Operations != 3 || r.Bytes != 24 || r.Active != 3 || r.InFlight != 3 || r.Oldest != time.Second {
		t.Errorf("%+v", r)
	}
	if want := []int64{2, 0, 0, 0, 0, 0, 0, 0, 0, 1}; !slices.Equal(r.Slices, want) {
		t.Errorf("slices %v, want %v", r.Slices, want)
	}
	if r.First != opened || r.Last != opened+249*time.Millisecond {
		t.Errorf("replies from %v to %v", r.First, r.Last)
	}
	if r.Latency.Sum() != int64(6*time.Millisecond) {
		t.Errorf("latencies sum to %v", time.Duration(r.Latency.Sum()))
	}
	if len(r.Errors) != 2 || r.Errors[result.ErrorWrong] != 3 || r.Errors[result.ErrorTimeout] != 3 {
		t.Errorf("errors %v", r.Errors)
	}
}

func TestKinds(t *testing.T) {
	for err, want := range map[error]cause{
		syscall.ECONNRESET: reset, syscall.EPIPE: reset, syscall.ETIMEDOUT: timedOut, syscall.ENOBUFS: other, errors.New("?"): other,
	} {
		if got := causeOf(err); got != want {
			t.Errorf("%v is %q, want %q", err, causeNames[got], causeNames[want])
		}
	}
	for k, name := range causeNames {
		if name == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
}

func TestRetryable(t *testing.T) {
	for e, want := range map[syscall.Errno]bool{
		syscall.ECONNREFUSED: true, syscall.ETIMEDOUT: true,
		syscall.EADDRNOTAVAIL: false, syscall.ENETUNREACH: false, syscall.EHOSTUNREACH: false,
		syscall.EACCES: false, syscall.EINVAL: false, syscall.EMFILE: false, 0: false,
	} {
		if got := retryable(e); got != want {
			t.Errorf("%v: %v, want %v", e, got, want)
		}
	}
}

func TestConnectErrorText(t *testing.T) {
	addr := netip.MustParseAddrPort("127.0.0.1:8972")
	for e, want := range map[syscall.Errno]string{
		syscall.ECONNREFUSED:  "connect 127.0.0.1:8972: connection refused (0 of 10000 connected)",
		syscall.EADDRNOTAVAIL: "-local",
		syscall.EMFILE:        "replicas",
	} {
		err := error(&ConnectError{Addr: addr, Asked: 10000, Err: e})
		if !strings.Contains(err.Error(), want) || !errors.Is(err, e) {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
