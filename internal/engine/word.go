//go:build linux

package engine

import (
	"fmt"
	"strings"
	"time"
)

// Word is what a harness says to a replica, a line each: what the replica may
// do next. Before each the replica has said how far it is: ready, primed,
// closed.
type Word struct {
	Name    string
	Delay   time.Duration // go, window: after this time, counted from when the word arrives
	Instant Instant       // go, window: the same by the harness's clock, for those who share it
	Reason  string        // refused: why
}

// The names of the words.
const (
	WordGo      = "go"      // start the traffic
	WordWindow  = "window"  // begin the warm-up
	WordRelease = "release" // close the connections, and say what was measured
	WordRefused = "refused" // this is not your harness
)

// String is the word as it is sent, without the line's end.
func (w Word) String() string {
	switch w.Name {
	case WordGo, WordWindow:
		return strings.TrimRight(w.Name+" "+w.Delay.String()+" "+w.Instant.String(), " ")
	case WordRefused:
		return w.Name + " " + w.Reason
	}
	return w.Name
}

// ParseWord reads what String wrote.
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

// Begins is when what the word permits begins, for a word that arrived then. A
// replica may be kept from reading a word for as long as its load keeps every
// processor, and the delay is then counted from too late; an instant does not
// move.
func (w Word) Begins(arrived time.Time) time.Time {
	by := arrived.Add(w.Delay)
	if at, ok := w.Instant.time(); ok && w.Instant.credible(by.Sub(at)) {
		return at
	}
	return by
}

// lead is how far ahead of being told n replicas do something together: one
// alone need not wait for others; many are told one after another, on
// processors their load may keep busy.
func lead(n int) time.Duration {
	if n < 2 {
		return 0
	}
	return min(20*time.Millisecond+time.Duration(n)*time.Millisecond, time.Second)
}
