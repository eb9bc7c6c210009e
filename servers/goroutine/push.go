//go:build linux

package goroutine

import (
	"sync"
	"sync/atomic"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// hub sends notifications to its subscribers. Each of its goroutines has a share of
// them; none waits for a connection.
type hub struct {
	config  push.Config
	shares  []*share
	joined  atomic.Uint64
	running *sync.WaitGroup // goroutines of connections; the server waits for them
}

// share is a part of the subscribers, in groups, so that a broadcast to one in n
// visits only its receivers.
type share struct {
	protocol proto.Protocol
	config   push.Config
	schedule push.Schedule
	count    *servers.Counter
	latest   chan uint64 // number of the latest broadcast due
	stopping atomic.Bool

	mu     sync.Mutex
	groups [][]*subscriber // guarded by mu
	number int             // of the next subscriber; guarded by mu
}

// receiver sends a frame to a connection. It does not wait: it reports whether the
// frame fitted into the queue.
type receiver interface {
	tryQueue(frame []byte) bool
	abort()
}

// subscriber is a connection that has joined.
type subscriber struct {
	share        *share
	group, index int // its place in share.groups; guarded by share.mu

	mu       sync.Mutex
	receiver receiver // guarded by mu; nil when it has left
}

func newHub(protocol proto.Protocol, config push.Config, counters *servers.Counters, running *sync.WaitGroup) *hub {
	h := &hub{config: config.WithDefaults(), running: running}
	for i := range counters.Len() {
		h.shares = append(h.shares, &share{
			protocol: protocol,
			config:   h.config,
			schedule: push.NewSchedule(config.Rate),
			count:    counters.Writer(i),
			latest:   make(chan uint64, 1),
			groups:   make([][]*subscriber, h.config.Every),
			number:   i,
		})
	}
	return h
}

// start starts pushing; stop ends it.
func (h *hub) start() (stop func(), err error) {
	endSource, err := push.Start(h.config, h.notify)
	if err != nil {
		return nil, err
	}
	var shares sync.WaitGroup
	for _, s := range h.shares {
		shares.Go(s.run)
	}
	return func() {
		endSource()
		for _, s := range h.shares {
			s.stopping.Store(true) // it may be far behind
			close(s.latest)
		}
		shares.Wait()
	}, nil
}

// notify passes the number of the latest broadcast due to every share. A share
// that is behind gets only the latest number.
func (h *hub) notify(latest uint64) {
	for _, s := range h.shares {
		select {
		case <-s.latest: // replace an unread number
		default:
		}
		s.latest <- latest // does not block: this is the only sender
	}
}

// run sends all broadcasts due, in order, even if late.
func (s *share) run() {
	var next uint64
	var message []byte
	var to []*subscriber
	framer := s.protocol.NewServer(nil)
	for latest := range s.latest {
		if next == 0 {
			next = latest
		}
		for ; next <= latest && !s.stopping.Load(); next++ {
			message = push.Notification{
				Due: s.schedule.Due(next), Number: next, Every: s.config.Every, Clock: push.Clock(),
			}.Append(message[:0], s.config.Size)
			frame := framer.AppendMessage(nil, message)
			s.mu.Lock()
			to = append(to[:0], s.groups[next%uint64(len(s.groups))]...)
			s.mu.Unlock()
			for _, one := range to {
				s.send(one, frame)
			}
		}
	}
}

// send sends a frame to a subscriber that has not left, or applies the policy for
// slow ones.
func (s *share) send(one *subscriber, frame []byte) {
	one.mu.Lock()
	defer one.mu.Unlock()
	switch {
	case one.receiver == nil:
	case one.receiver.tryQueue(frame):
		s.count.Pushed.Add(1)
	case s.config.Slow == push.Disconnect:
		s.count.Disconnected.Add(1)
		one.receiver.abort()
		one.receiver = nil
	default:
		s.count.Dropped.Add(1)
	}
}

// add makes a connection a subscriber.
func (h *hub) add(r receiver) *subscriber {
	s := h.shares[h.joined.Add(1)%uint64(len(h.shares))]
	one := &subscriber{share: s, receiver: r}
	s.mu.Lock()
	defer s.mu.Unlock()
	one.group = s.number % len(s.groups)
	s.number++
	group := &s.groups[one.group]
	one.index = len(*group)
	*group = append(*group, one)
	return one
}

// leave unsubscribes. Nothing is sent after leave returns.
func (one *subscriber) leave() {
	one.mu.Lock()
	one.receiver = nil
	one.mu.Unlock()

	s := one.share
	s.mu.Lock()
	defer s.mu.Unlock()
	group := s.groups[one.group]
	last := len(group) - 1
	group[one.index], group[last].index = group[last], one.index
	group[last] = nil
	s.groups[one.group] = group[:last]
}
