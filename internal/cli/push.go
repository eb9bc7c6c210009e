//go:build linux

package cli

import (
	"github.com/spf13/pflag"

	"c1m/internal/push"
	"c1m/servers"
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
func (f pushFlags) config(protocol servers.Protocol, given func(string) bool) (push.Config, error) {
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
	if protocol != servers.WebSocket {
		return push.Config{}, usagef("-traffic push: a client that did not ask could not tell a notification from a reply; add -proto ws")
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
