//go:build linux

package servers

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Work is what the server does for a message before it replies. The zero
// value does nothing.
type Work struct {
	Sleep  time.Duration // wait, as for a database
	Rounds int           // rounds of SHA-256 over the message
}

// ParseWork parses none, sleep:DURATION or cpu:ROUNDS.
func ParseWork(s string) (Work, error) {
	kind, arg, _ := strings.Cut(s, ":")
	switch kind {
	case "", "none":
		if arg == "" {
			return Work{}, nil
		}
	case "sleep":
		if d, err := time.ParseDuration(arg); err == nil && d > 0 {
			return Work{Sleep: d}, nil
		}
	case "cpu":
		if n, err := strconv.Atoi(arg); err == nil && n > 0 {
			return Work{Rounds: n}, nil
		}
	}
	return Work{}, fmt.Errorf("unknown work %q: want none, sleep:DURATION (sleep:10ms) or cpu:ROUNDS (cpu:100)", s)
}

// String returns the format that ParseWork parses.
func (w Work) String() string {
	switch {
	case w.Sleep > 0:
		return "sleep:" + w.Sleep.String()
	case w.Rounds > 0:
		return "cpu:" + strconv.Itoa(w.Rounds)
	}
	return "none"
}

// sink keeps the compiler from dropping the digest.
var sink atomic.Uint32

// Do does the work for one message. It blocks the caller on purpose: a loop stalls
// where a goroutine parks, and a run should show that.
func (w Work) Do(message []byte) {
	if w.Sleep > 0 {
		time.Sleep(w.Sleep)
	}
	for i := range w.Rounds {
		digest := sha256.Sum256(message)
		if i == w.Rounds-1 {
			sink.Store(uint32(digest[0]))
		}
	}
}

// MarshalText and UnmarshalText write and read String's form in run files.
func (w Work) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

func (w *Work) UnmarshalText(text []byte) (err error) {
	*w, err = ParseWork(string(text))
	return err
}

// IsZero reports whether there is no work.
func (w Work) IsZero() bool { return w == Work{} }
