//go:build linux

package engine

import (
	"fmt"
	"strings"
	"time"
)

// Word is a line from the harness to a replica: what the replica may do next.
// Before each word the replica has reported its progress: ready, primed, closed.
type Word struct {
	Name    string
	Delay   time.Duration // go, window: the time until it takes effect, counted from when the word arrives
	Instant Instant       // go, window: the same instant by the harness's clock, for replicas that share it
	Reason  string        // refused: why
}

// The names of the words.
const (
	WordGo      = "go"      // start the traffic
	WordWindow  = "window"  // begin the warm-up
	WordRelease = "release" // close the connections, and report the result
	WordRefused = "refused" // this is not your harness
)

// String returns the word as it is sent, without the line end.
func (w Word) String() string {
	switch w.Name {
	case WordGo, WordWindow:
		return strings.TrimRight(w.Name+" "+w.Delay.String()+" "+w.Instant.String(), " ")
	case WordRefused:
		return w.Name + " " + w.Reason
	}
	return w.Name
}

// ParseWord parses the format of String.
func ParseWord(line string) (Word, error) {
	name, rest, _ := strings.Cut(line, " ")
	w := Word{Name: name}
	switch name {
	case WordGo, WordWindow:
		first, second, _ := strings.Cut(rest, " ")
		delay, err := time.ParseDuration(first)
		if err != nil || delay < 0 {
			return w, fmt.Errorf("word %q: want a delay of 0 or more after %s", line, name)
		}
		w.Delay = delay
		if w.Instant, err = parseInstant(second); err != nil {
			return w, fmt.Errorf("word %q: %w", line, err)
		}
	case WordRelease:
		if rest != "" {
			return w, fmt.Errorf("word %q: want nothing after %s", line, name)
		}
	case WordRefused:
		w.Reason = rest
	default:
		return w, fmt.Errorf("word %q: not one of %s, %s, %s, %s", line, WordGo, WordWindow, WordRelease, WordRefused)
	}
	return w, nil
}

// Begins returns the time at which a word that arrived at the given time takes
// effect. While its load occupies every processor, a replica may read a word late;
// the delay then counts from too late a time, but an instant does not move.
func (w Word) Begins(arrived time.Time) time.Time {
	by := arrived.Add(w.Delay)
	if at, ok := w.Instant.time(); ok && w.Instant.credible(by.Sub(at)) {
		return at
	}
	return by
}

// lead is how far in the future n replicas start something together: a single one
// need not wait for others; many receive their words one after another, on
// processors that their load may keep busy.
func lead(n int) time.Duration {
	if n < 2 {
		return 0
	}
	return min(20*time.Millisecond+time.Duration(n)*time.Millisecond, time.Second)
}
