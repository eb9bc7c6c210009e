//go:build linux

package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"c1m/internal/push"
)

// Instant is a time by the clock that all processes of a machine share, including
// those in containers. The zero value means unknown.
type Instant struct {
	Clock uint64        // which clock it is: push.Clock
	At    time.Duration // what push.Now says then
}

// instantOf converts a time of this process; unknown if its clock has no name.
func instantOf(t time.Time) Instant {
	clock := push.Clock()
	if clock == 0 {
		return Instant{}
	}
	own, shared := bothClocks()
	return Instant{clock, shared + t.Sub(own)}
}

// time converts the instant to a time of this process, if it has that clock.
func (i Instant) time() (time.Time, bool) {
	if i.Clock == 0 || i.Clock != push.Clock() {
		return time.Time{}, false
	}
	own, shared := bothClocks()
	return own.Add(i.At - shared), true
}

// credible reports whether an instant is by this machine's clock, judged by how
// late the word that carries it arrived. Virtual machines that were cloned while
// running have the same name for two clocks: if a word seems to be early, or later
// than sending it may take, it is by the other clock.
func (i Instant) credible(late time.Duration) bool {
	const resolution = time.Millisecond // of reading two clocks together
	return late >= -resolution && late <= tellLimit
}

// bothClocks reads the runtime's clock and the shared one at the same moment.
// They differ by a constant, since both are CLOCK_MONOTONIC. It reads again if the
// thread was interrupted between two readings.
func bothClocks() (own time.Time, shared time.Duration) {
	const enough = 20 * time.Microsecond
	best := time.Duration(-1)
	for range 100 {
		before := push.Now()
		now := time.Now()
		if took := push.Now() - before; best < 0 || took < best {
			best, own, shared = took, now, before+took/2
		}
		if best < enough {
			break
		}
	}
	return own, shared
}

// String returns the instant in the format of words; empty if unknown.
func (i Instant) String() string {
	if i.Clock == 0 {
		return ""
	}
	return strconv.FormatUint(i.Clock, 16) + "@" + strconv.FormatInt(int64(i.At), 10)
}

// parseInstant reads what String wrote.
func parseInstant(s string) (Instant, error) {
	if s == "" {
		return Instant{}, nil
	}
	clock, at, _ := strings.Cut(s, "@")
	id, err1 := strconv.ParseUint(clock, 16, 64)
	ns, err2 := strconv.ParseInt(at, 10, 64)
	if err1 != nil || err2 != nil || id == 0 || ns < 0 {
		return Instant{}, fmt.Errorf("instant %q: want CLOCK@NANOSECONDS", s)
	}
	return Instant{id, time.Duration(ns)}, nil
}
