// Package push says when a server sends notifications, to which of its
// subscribers, and what is in them. It sends none: how they reach a connection
// is what the architectures differ in.
package push

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Config is what is pushed. Its zero value is nothing.
type Config struct {
	// Rate is broadcasts per second; 0 is none.
	Rate float64

	// Every is the share of the subscribers that a broadcast goes to: one in
	// so many of them; 0 is 1, all. Subscribers are numbered as they come, and
	// broadcast k goes to those whose number leaves the same rest as k does:
	// each gets every so many-th broadcast, and all broadcasts are equally
	// large. A receiver can tell that it missed one without being told which
	// are its own.
	Every int

	// Size is the bytes of a notification; 0 is MinSize.
	Size int

	// Queue is how many bytes may wait for a subscriber that does not read;
	// 0 is QueueSize. One notification may wait whatever its size. Slow is
	// what becomes of one more.
	Queue int
	Slow  Slow
}

// Limits of a Config.
const (
	MaxRate   = 10_000
	MaxEvery  = 10_000
	MaxSize   = 1 << 20
	QueueSize = 64 << 10
)

// Slow is what becomes of a notification that a subscriber has no room for.
type Slow string

// What can be done about slow subscribers. Empty is Drop.
const (
	Drop       Slow = "drop"       // the notification is lost, for this subscriber
	Disconnect Slow = "disconnect" // the subscriber is
)

// ParseSlow reads drop or disconnect.
func ParseSlow(s string) (Slow, error) {
	switch slow := Slow(s); slow {
	case Drop, Disconnect:
		return slow, nil
	}
	return "", fmt.Errorf("unknown choice %q: want drop or disconnect", s)
}

// ParseFraction reads the share of the subscribers a broadcast goes to, 100%,
// 10% or 0.01, as one in so many of them. It must be a whole number of
// subscribers that share one broadcast, or they could not have equally many.
func ParseFraction(s string) (every int, err error) {
	digits, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(digits, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v > 0) || v > 1 {
		return 0, fmt.Errorf("%s: want more than 0 and at most 1, or a percentage", s)
	}
	n := math.Round(1 / v)
	if n > MaxEvery || math.Abs(n*v-1) > 0.005 {
		return 0, fmt.Errorf("%s: want one part in a whole number, at most %d, such as 100%%, 50%%, 25%%, 10%% or 1%%", s, MaxEvery)
	}
	return int(n), nil
}

// Fraction is one in every, as ParseFraction reads it.
func Fraction(every int) string {
	return strconv.FormatFloat(100/float64(max(1, every)), 'g', 4, 64) + "%"
}

// WithDefaults is c with its defaults in place of zeros.
func (c Config) WithDefaults() Config {
	c.Every = max(1, c.Every)
	if c.Size == 0 {
		c.Size = MinSize
	}
	if c.Queue == 0 {
		c.Queue = QueueSize
	}
	return c
}

// Fits reports whether n more bytes may wait for a subscriber for whom some
// wait already.
func (c Config) Fits(waiting, n int) bool { return waiting == 0 || waiting+n <= c.Queue }
