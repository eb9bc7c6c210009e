//go:build linux

package push

import (
	"bytes"
	"testing"
	"time"
)

// Whatever the rate and however late, a broadcast is the latest from when it
// is due until the next one is.
func TestScheduleIsExact(t *testing.T) {
	for _, rate := range []float64{0.1, 1, 3, 7, 60, 99.9, 1000, 9999, MaxRate} {
		s := NewSchedule(rate)
		for _, up := range []time.Duration{0, time.Second, time.Hour, 1000 * 24 * time.Hour} {
			k := s.latest(up)
			if s.Due(k) > up || s.Due(k+1) <= up {
				t.Fatalf("%v/s, %v after the start: broadcast %d is due at %v, the next at %v", rate, up, k, s.Due(k), s.Due(k+1))
			}
			for range 1000 {
				due := s.Due(k + 1)
				if got := s.latest(due - 1); got != k {
					t.Fatalf("%v/s: 1 ns before broadcast %d is due the latest is %d; want %d", rate, k+1, got, k)
				}
				if k = s.latest(due); s.Due(k) != due {
					t.Fatalf("%v/s: at %v, when a broadcast is due, the latest is one of %v", rate, due, s.Due(k))
				}
			}
		}
	}
}

func TestScheduleKeepsItsRate(t *testing.T) {
	s := NewSchedule(3)
	if n := s.latest(time.Hour+time.Second) - s.latest(time.Hour); n != 3 {
		t.Errorf("%d broadcasts in a second; want 3", n)
	}
}

func TestParseFraction(t *testing.T) {
	for in, want := range map[string]int{"1": 1, "100%": 1, "50%": 2, "0.25": 4, "33.3%": 3, "10%": 10, "1%": 100, "0.0001": 10000} {
		if got, err := ParseFraction(in); err != nil || got != want {
			t.Errorf("ParseFraction(%q) is %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "0", "-1", "2", "101%", "75%", "30%", "0.00001", "NaN", "all"} {
		if got, err := ParseFraction(in); err == nil {
			t.Errorf("ParseFraction(%q) is %d; want an error", in, got)
		}
	}
	for _, every := range []int{1, 2, 3, 7, 64, 999, MaxEvery} {
		if got, err := ParseFraction(Fraction(every)); err != nil || got != every {
			t.Errorf("one in %d is written %s and read as %d, %v", every, Fraction(every), got, err)
		}
	}
}

func TestNotification(t *testing.T) {
	n := Notification{Due: 12345678901, Number: 1 << 40, Every: 100, Clock: 1<<63 + 5}
	for _, size := range []int{MinSize, MinSize + 1, 4096, 100_000} {
		b := n.Append([]byte("x"), size)[1:]
		got, err := Parse(b)
		if err != nil || got != n || len(b) != size {
			t.Errorf("of %d bytes: %+v, %v in %d bytes; want %+v", size, got, err, len(b), n)
		}
		for _, at := range []int{MinSize, size / 2, size} {
			if at >= MinSize && !IsFiller(b[at:], at) {
				t.Errorf("of %d bytes: what is there from byte %d is not recognized", size, at)
			}
		}
		if size == MinSize {
			continue
		}
		b[size-1]++
		if IsFiller(b[MinSize:], MinSize) {
			t.Errorf("of %d bytes, the last of them wrong: taken for right", size)
		}
	}
	long := n.Append(nil, 20_000)
	if IsFiller(long[8192:12288], 4096) {
		t.Error("bytes moved by 4096 are taken for right")
	}
	for _, b := range [][]byte{nil, long[:MinSize-1], bytes.Repeat([]byte{1}, MinSize)} {
		if got, err := Parse(b); err == nil {
			t.Errorf("%d bytes are parsed as %+v; want an error", len(b), got)
		}
	}
}

func TestFits(t *testing.T) {
	c := Config{Queue: 100}
	for _, tt := range []struct {
		waiting, n int
		want       bool
	}{{0, 50, true}, {0, 1000, true}, {50, 50, true}, {50, 51, false}, {1000, 1, false}} {
		if got := c.Fits(tt.waiting, tt.n); got != tt.want {
			t.Errorf("%d waiting of at most 100, %d more: %t; want %t", tt.waiting, tt.n, got, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	if Clock() == 0 {
		t.Error("this machine's clock has no name")
	}
	a := Now()
	if b := Now(); a <= 0 || b < a {
		t.Errorf("the clock went from %v to %v", a, b)
	}
}

// The source tells of broadcasts in order, none before it is due, and ends
// when it is stopped.
func TestStart(t *testing.T) {
	s := NewSchedule(500)
	told := make(chan uint64)
	done := make(chan struct{})
	stop, err := Start(Config{Rate: 500}, func(latest uint64) {
		if now := Now(); s.Due(latest) > now {
			t.Errorf("told of broadcast %d %v before it is due", latest, s.Due(latest)-now)
		}
		select {
		case told <- latest:
		case <-done:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	last := <-told
	for range 20 {
		k := <-told
		if k <= last {
			t.Fatalf("told of broadcast %d after %d", k, last)
		}
		last = k
	}
	close(done)
	stop()
	stop, err = Start(Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stop()
}
