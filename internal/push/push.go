// Package push defines notifications: when each is due, which subscribers get it,
// and what it contains. It does not send them: how they reach a connection is
// where the architectures differ.
package push

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Config describes the notifications. The zero value sends none.
type Config struct {
	// Rate is broadcasts per second; 0 means none.
	Rate float64

	// Every is the share of the subscribers that a broadcast goes to: one in
	// Every; 0 means 1, all. Subscribers are numbered as they connect, and
	// broadcast k goes to those with number ≡ k modulo Every: each gets every
	// Every-th broadcast, and all broadcasts are equally large. A receiver
	// detects a missing one without knowing its own number.
	Every int

	// Size is the bytes of a notification; 0 is MinSize.
	Size int

	// Queue is how many bytes are queued for a subscriber that does not read;
	// 0 is QueueSize. One notification of any size is always queued. Slow is
	// the policy for the next one.
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

// Slow is the policy for a notification that does not fit into a subscriber's
// queue.
type Slow string

// The policies for slow subscribers. Empty is Drop.
const (
	Drop       Slow = "drop"       // discard the notification for this subscriber
	Disconnect Slow = "disconnect" // close the connection
)

// ParseSlow parses drop or disconnect.
func ParseSlow(s string) (Slow, error) {
	switch slow := Slow(s); slow {
	case Drop, Disconnect:
		return slow, nil
	}
	return "", fmt.Errorf("unknown choice %q: want drop or disconnect", s)
}

// ParseFraction parses the share of the subscribers that a broadcast goes to, such
// as 100%, 10% or 0.01, and returns n if it is one in n. n must be a whole number,
// so that all subscribers get equally many.
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
		return 0, fmt.Errorf("%s: want one n-th for a whole number n up to %d, such as 100%%, 50%%, 25%%, 10%% or 1%%", s, MaxEvery)
	}
	return int(n), nil
}

// Fraction formats one in every, for ParseFraction.
func Fraction(every int) string {
	return strconv.FormatFloat(100/float64(max(1, every)), 'g', 4, 64) + "%"
}

// WithDefaults returns c with defaults instead of zeros.
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

// Fits reports whether n more bytes fit into a subscriber's queue that has waiting
// bytes.
func (c Config) Fits(waiting, n int) bool { return waiting == 0 || waiting+n <= c.Queue }
