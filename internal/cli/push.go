//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/check"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/result"
)

// The kinds of traffic.
const (
	trafficRequests = "requests" // clients ask, and are answered
	trafficPush     = "push"     // clients are silent, and are notified
)

// pushFlags are those flags of server that say what it sends unasked.
type pushFlags struct {
	traffic  string
	rate     float64
	fraction string
	size     oneSize
	slow     string
}

func (f *pushFlags) register(flags *pflag.FlagSet) {
	f.size = push.MinSize
	flags.StringVar(&f.traffic, "traffic", trafficRequests, "`TRAFFIC`: requests (clients send, and are answered), or push (every WebSocket is a subscriber, and is notified as well)")
	flags.Float64Var(&f.rate, "push-rate", 1, "`R` broadcasts per second, evenly spaced; each goes to -push-fraction of the subscribers")
	flags.StringVar(&f.fraction, "push-fraction", "100%", "`SHARE` of the subscribers that a broadcast goes to: 100%, or one part in a whole number n, such as 10%; subscribers take turns in the order in which they came, so that each gets every n-th broadcast")
	flags.Var(&f.size, "push-size", "bytes per notification, 32 to 1MiB; the first 32 are a stamp")
	flags.StringVar(&f.slow, "push-slow", string(push.Drop), "when more than 64 KiB wait for a subscriber: drop the notification, or disconnect it")
}

// config checks the flags.
func (f pushFlags) config(protocol proto.Protocol, given func(string) bool) (push.Config, error) {
	if err := oneOf("traffic", f.traffic, trafficRequests, trafficPush); err != nil {
		return push.Config{}, err
	}
	if f.traffic != trafficPush {
		for _, name := range []string{"push-rate", "push-fraction", "push-size", "push-slow"} {
			if given(name) {
				return push.Config{}, usagef("-%s: nothing is pushed; add -traffic push", name)
			}
		}
		return push.Config{}, nil
	}
	if protocol != proto.WebSocket {
		return push.Config{}, usagef("-traffic push: a client that did not ask could not tell a notification from a reply; add -proto ws")
	}
	if f.rate > 0 && f.rate < 1/longest.Seconds() {
		return push.Config{}, usagef("-push-rate %v: want at least one broadcast in %v", f.rate, longest)
	}
	if !(f.rate > 0) || f.rate > push.MaxRate {
		return push.Config{}, usagef("-push-rate %v: want more than 0 and at most %d broadcasts per second", f.rate, push.MaxRate)
	}
	every, err := push.ParseFraction(f.fraction)
	if err != nil {
		return push.Config{}, usagef("-push-fraction: %w", err)
	}
	if f.size < push.MinSize || f.size > push.MaxSize {
		return push.Config{}, usagef("-push-size %d: want %d to %d bytes", f.size, push.MinSize, push.MaxSize)
	}
	slow, err := push.ParseSlow(f.slow)
	if err != nil {
		return push.Config{}, usagef("-push-slow: %w", err)
	}
	return push.Config{Rate: f.rate, Every: every, Size: int(f.size), Slow: slow}, nil
}

// pushLists are those flags of bench run that say what is pushed. Each list
// measures every value.
type pushLists struct {
	traffic   string
	rates     []string
	fractions []string
	slows     []string
}

func plainPush() pushLists {
	return pushLists{traffic: trafficRequests, rates: []string{"1"}, fractions: []string{"100%"}, slows: []string{string(push.Drop)}}
}

func (f *pushLists) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.traffic, "traffic", f.traffic, "`TRAFFIC`: requests, or push: connections send nothing, and are notified; the window is then "+pushWindows+" unless -d is given")
	flags.StringSliceVar(&f.rates, "push-rate", f.rates, "broadcasts per second; a list measures each")
	flags.StringSliceVar(&f.fractions, "push-fraction", f.fractions, "share of the subscribers that a broadcast goes to, such as 100% or 10%; a list measures each")
	flags.StringSliceVar(&f.slows, "push-slow", f.slows, "for a subscriber that does not read: drop notifications, or disconnect it; a list measures each")
}

// pushed is what a cell's server pushes; the zero value is nothing.
type pushed struct {
	rate  float64
	every int
	slow  push.Slow
}

// values are what is measured. They have been checked.
func (f pushLists) values() []pushed {
	if f.traffic != trafficPush {
		return nil
	}
	list := times([]pushed{{}}, f.rates, func(p pushed, s string) pushed { p.rate, _ = strconv.ParseFloat(s, 64); return p })
	list = times(list, f.fractions, func(p pushed, s string) pushed { p.every, _ = push.ParseFraction(s); return p })
	return times(list, f.slows, func(p pushed, s string) pushed { p.slow = push.Slow(s); return p })
}

// on is the cell with these notifications.
func (p pushed) on(cell result.Cell) result.Cell {
	if p.rate > 0 {
		cell.Push, cell.PushRate, cell.PushEvery, cell.PushSlow = true, p.rate, p.every, string(p.slow)
		cell.Size = max(cell.Size, push.MinSize)
	}
	return cell
}

// pushWindows is pushWindow in words.
const pushWindows = "5 broadcasts and 2 turns of each subscriber, at least 1s and at most 1m,"

// pushWindow is long enough for every subscriber to be owed a notification that
// cannot come behind the window's end.
func pushWindow(cell result.Cell) time.Duration {
	count := max(check.PushLeast, 2*float64(cell.PushEvery))
	cell.Replicas = 1 // broadcasts are the server's, and go to all of them
	return windowFor(count/cell.PushRate, cell)
}

// check refuses what cannot be pushed.
func (f pushLists) check(run runFlags, given func(string) bool) error {
	if err := oneOf("traffic", f.traffic, trafficRequests, trafficPush); err != nil {
		return err
	}
	for i, rate := range f.rates {
		for j, fraction := range f.fractions {
			for k, slow := range f.slows {
				r, err := strconv.ParseFloat(rate, 64)
				if err != nil {
					return usagef("-push-rate %s: want broadcasts per second", rate)
				}
				one := pushFlags{traffic: f.traffic, rate: r, fraction: fraction, size: push.MinSize, slow: slow}
				if _, err := one.config(proto.WebSocket, given); err != nil {
					return err
				}
				if slices.Contains(f.rates[:i], rate) || slices.Contains(f.fractions[:j], fraction) || slices.Contains(f.slows[:k], slow) {
					return usagef("-push-rate %s, -push-fraction %s, -push-slow %s: a value is named twice", rate, fraction, slow)
				}
			}
		}
	}
	if f.traffic != trafficPush {
		return nil
	}
	if !slices.Equal(run.protos, []string{string(proto.WebSocket)}) {
		return usagef("-traffic push: a client that did not ask could not tell a notification from a reply; add -proto ws")
	}
	for _, size := range run.sizes {
		if given("size") && size < push.MinSize {
			return usagef("-size %d: a notification has at least %d bytes", size, push.MinSize)
		}
	}
	return withoutRequests(given, "idle", "work", "busy", "pipeline", "churn", "storm", "rates", "slo", "exec", "target")
}

// withoutRequests refuses flags that say how requests are sent.
func withoutRequests(given func(string) bool, names ...string) error {
	for _, name := range names {
		if given(name) {
			return usagef("-traffic push: subscribers send nothing to a server of our own; leave -%s out", name)
		}
	}
	return nil
}

// checkPush refuses what subscribers cannot have.
func (f clientTraffic) checkPush(given func(string) bool) error {
	if err := oneOf("traffic", f.traffic, trafficRequests, trafficPush); err != nil {
		return err
	}
	switch {
	case f.traffic != trafficPush:
		return nil
	case f.proto != string(proto.WebSocket):
		return usagef("-traffic push: a client that did not ask could not tell a notification from a reply; add -proto ws")
	case given("size") && f.size < push.MinSize:
		return usagef("-size %d: a notification has at least %d bytes", f.size, push.MinSize)
	}
	return withoutRequests(given, "idle", "busy", "pipeline", "churn", "storm", "rate")
}

// operations are what is counted: round trips, or with push deliveries.
func operations(push bool) string {
	if push {
		return "deliveries"
	}
	return "round trips"
}

// writePushed is what there is to say of subscribers.
func writePushed(b *bytes.Buffer, r result.Replica) {
	fmt.Fprintf(b, "deliveries/s   %s  (%d in %v, %d missing)\n", perSecond(r.Throughput()), r.Operations, r.Window, r.Missed)
	fmt.Fprintf(b, "latency        %s\n", quantiles(r.Latency))
	fmt.Fprintf(b, "active         %d of %d\n", r.Active, r.Asked)
	writeFairness(b, r.Shares)
}
