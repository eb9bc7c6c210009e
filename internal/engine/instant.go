//go:build linux

package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"c1m/internal/push"
)

// Instant is a time by the clock that the processes of a machine share,
// containers included. The zero value is no time.
type Instant struct {
	Clock uint64        // which clock it is: push.Clock
	At    time.Duration // what push.Now says then
}

// instantOf is a time of this process, or no time where its clock has no name.
func instantOf(t time.Time) Instant {
	clock := push.Clock()
	if clock == 0 {
		return Instant{}
	}
	own, shared := bothClocks()
	return Instant{clock, shared + t.Sub(own)}
}

// time is the instant as a time of this process, if it has that clock.
func (i Instant) time() (time.Time, bool) {
	if i.Clock == 0 || i.Clock != push.Clock() {
		return time.Time{}, false
	}
	own, shared := bothClocks()
	return own.Add(i.At - shared), true
}

// credible judges an instant by how late the word that carries it must have
// arrived. Virtual machines that were cloned as they ran have one name for two
// clocks: a word that seems to be early, or later than telling it may take, is
// by another clock.
func (i Instant) credible(late time.Duration) bool {
	const resolution = time.Millisecond // of reading two clocks together
	return late >= -resolution && late <= tellLimit
}

// bothClocks reads the clock of the runtime and the shared one as of one
// moment. They differ by a constant, since both are CLOCK_MONOTONIC; a thread
// that was kept from running between two readings reads again.
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

// String is the instant as a word carries it; empty if it is no time.
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
