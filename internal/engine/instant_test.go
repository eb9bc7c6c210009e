//go:build linux

package engine

import (
	"testing"
	"time"

	"c1m/internal/push"
)

// What a word permits begins at its instant, however late the word is read;
// a clock that is not shared, or cannot be, leaves the delay.
func TestBegins(t *testing.T) {
	clock := push.Clock()
	if clock == 0 {
		t.Skip("this machine's clock has no name: /proc/sys/kernel/random/boot_id cannot be read")
	}
	const resolution = 10 * time.Millisecond // of the test: the code is held up where the machine is busy
	said := time.Now()
	at := said.Add(time.Second)
	own := instantOf(at)
	for name, c := range map[string]struct {
		instant Instant
		late    time.Duration
		want    time.Time
	}{
		"read at once":              {own, 0, at},
		"read 200 ms late":          {own, 200 * time.Millisecond, at},
		"read after it":             {own, 3 * time.Second, at},
		"another machine's clock":   {Instant{clock + 1, own.At}, 300 * time.Millisecond, at.Add(300 * time.Millisecond)},
		"no clock":                  {Instant{}, 300 * time.Millisecond, at.Add(300 * time.Millisecond)},
		"a clone's that is ahead":   {Instant{clock, own.At + 5*time.Second}, 0, at},
		"a clone's that is behind":  {Instant{clock, own.At - time.Hour}, 0, at},
		"later than telling may be": {own, tellLimit + time.Second, at.Add(tellLimit + time.Second)},
	} {
		word := Word{Name: WordWindow, Delay: time.Second, Instant: c.instant}
		if got := word.Begins(said.Add(c.late)); got.Sub(c.want).Abs() > resolution {
			t.Errorf("%s: it begins %v after the word was said, want %v", name, got.Sub(said), c.want.Sub(said))
		}
	}
}
