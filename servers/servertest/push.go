//go:build linux

package servertest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/usage"
	"c1m/servers"
)

// Push holds a mode to the contract where it pushes notifications to
// WebSockets.
func Push(t *testing.T, cfg servers.Config) {
	cfg.Protocol = proto.WebSocket
	runItems(t, cfg, []item{
		{"broadcast", testBroadcast},
		{"fraction", testFraction},
		{"push-and-replies", testPushAndReplies},
		{"push-work", testPushWork},
		{"slow-dropped", testSlowDropped},
		{"slow-disconnected", testSlowDisconnected},
		{"push-close", testPushClose},
		{"push-shutdown", testPushShutdown},
	})
}

// notifications reads and judges what a subscriber is sent.
type notifications struct {
	c      *wsClient
	size   int
	every  int
	last   uint64
	missed uint64 // broadcasts that were its own and did not come
}

// next reads a notification. It must be whole, and one for this subscriber,
// and behind the last.
func (s *notifications) next() (push.Notification, error) {
	first, payload, err := s.c.next()
	if err != nil {
		return push.Notification{}, err
	}
	return s.judge(first, payload)
}

func (s *notifications) judge(first byte, payload []byte) (push.Notification, error) {
	n, err := push.Parse(payload)
	switch {
	case err != nil:
		return n, fmt.Errorf("a frame %#02x of %d bytes: %w", first, len(payload), err)
	case first != fin|binaryFrame || len(payload) != s.size || !push.IsFiller(payload[push.MinSize:], push.MinSize):
		return n, fmt.Errorf("a frame %#02x of %d bytes; want a binary message of %d, unchanged", first, len(payload), s.size)
	case n.Every != s.every || n.Clock != push.Clock():
		return n, fmt.Errorf("a notification says %+v; want every %d, by this clock", n, s.every)
	case s.last > 0 && (n.Number <= s.last || (n.Number-s.last)%uint64(s.every) != 0):
		return n, fmt.Errorf("broadcast %d came behind %d; want its own alone, one in %d, in order", n.Number, s.last, s.every)
	}
	if s.last > 0 {
		s.missed += (n.Number-s.last)/uint64(s.every) - 1
	}
	s.last = n.Number
	return n, nil
}

// several reads so many, of which none may be missing.
func (s *notifications) several(n int) error {
	for range n {
		if _, err := s.next(); err != nil {
			return err
		}
		if s.missed > 0 {
			return fmt.Errorf("before broadcast %d there are %d missing", s.last, s.missed)
		}
	}
	return nil
}

// subscribe connects n clients that are sent what cfg says.
func subscribe(t *testing.T, p *process, cfg servers.Config, n int) []*notifications {
	t.Helper()
	var list []*notifications
	c := cfg.Push.WithDefaults()
	for _, w := range dialWS(t, p.addr, n) {
		list = append(list, &notifications{c: w, size: c.Size, every: c.Every})
	}
	return list
}

func eachSubscriber(list []*notifications, do func(*notifications) error) error {
	clients := make([]*wsClient, len(list))
	of := make(map[*wsClient]*notifications)
	for i, s := range list {
		clients[i], of[s.c] = s.c, s
	}
	return eachWS(clients, func(c *wsClient) error { return do(of[c]) })
}

// room is a queue that no subscriber who reads ever fills, even on a machine
// that halts for seconds.
const room = 64 << 20

// testBroadcast: each subscriber is sent each broadcast, in order, and not
// before it is due; so is one that comes later.
func testBroadcast(t *testing.T, cfg servers.Config) {
	const connections, each = 60, 20
	cfg.Push = push.Config{Rate: 100, Size: 300, Queue: room}
	p := start(t, cfg)
	dial(t, p.addr) // is upgraded never
	subscribers := subscribe(t, p, cfg, connections)
	receive := func(s *notifications) error {
		for range each {
			n, err := s.next()
			if now := push.Now(); err == nil && (now < n.Due || now-n.Due > patience) {
				err = fmt.Errorf("it came %v after it was due", now-n.Due)
			}
			if err == nil && s.missed > 0 {
				err = fmt.Errorf("before broadcast %d there are %d missing", s.last, s.missed)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := eachSubscriber(subscribers, receive); err != nil {
		t.Fatal(err)
	}
	for _, s := range subscribers[:connections/2] {
		s.c.reset()
	}
	subscribers = append(subscribers[connections/2:], subscribe(t, p, cfg, 10)...)
	if err := eachSubscriber(subscribers, receive); err != nil {
		t.Fatalf("after some left and others came: %v", err)
	}
	totals, err := p.counters()
	if err != nil {
		t.Fatal(err)
	}
	if least := int64(each * (connections + 10)); totals.Pushed < least || totals.Dropped+totals.Disconnected+totals.Errors > 0 {
		t.Fatalf("the counters say %+v; want at least %d pushed, and none dropped", totals, least)
	}
}

// testFraction: of each broadcast an equal share of the subscribers has a part,
// and each of them has its own alone.
func testFraction(t *testing.T, cfg servers.Config) {
	const connections, every = 120, 4
	cfg.Push = push.Config{Rate: 200, Every: every, Queue: room}
	p := start(t, cfg)
	subscribers := subscribe(t, p, cfg, connections)
	if err := eachSubscriber(subscribers, func(s *notifications) error { return s.several(10) }); err != nil {
		t.Fatal(err)
	}
	var groups [every]int
	for _, s := range subscribers {
		groups[s.last%every]++
	}
	// Who shares the connections among loops or processes does not know the
	// groups: each may have one more in one of them.
	for _, n := range groups {
		if n < connections/every/2 || n > connections/every*2 {
			t.Fatalf("broadcasts go to %v of %d subscribers in turn; want about a %dth each", groups, connections, every)
		}
	}
}

// testPushAndReplies: a subscriber that speaks is answered between
// notifications, and no frame is torn.
func testPushAndReplies(t *testing.T, cfg servers.Config) {
	const connections, messages = 10, 60
	cfg.Push = push.Config{Rate: 500, Size: 5000, Queue: room}
	p := start(t, cfg)
	err := eachSubscriber(subscribe(t, p, cfg, connections), func(s *notifications) error {
		for range messages {
			message := s.c.message()
			if err := s.c.send(wsFrame(fin|textFrame, message...)); err != nil {
				return err
			}
			for {
				first, payload, err := s.c.next()
				if err != nil {
					return err
				}
				if first == fin|textFrame && string(payload) == string(message) {
					break
				}
				if _, err := s.judge(first, payload); err != nil {
					return err
				}
			}
		}
		if s.missed > 0 {
			return fmt.Errorf("%d notifications are missing", s.missed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testPushWork: while a server works for a message, what is due for its sender
// is not lost.
func testPushWork(t *testing.T, cfg servers.Config) {
	cfg.Push = push.Config{Rate: 200, Queue: room}
	cfg.Work = servers.Work{Sleep: 50 * time.Millisecond}
	p := start(t, cfg)
	s := subscribe(t, p, cfg, 1)[0]
	for range 5 {
		message := s.c.message()
		if err := s.c.send(wsFrame(fin|textFrame, message...)); err != nil {
			t.Fatal(err)
		}
		for {
			first, payload, err := s.c.next()
			if err != nil {
				t.Fatal(err)
			}
			if first == fin|textFrame {
				break
			}
			if _, err := s.judge(first, payload); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.several(20); err != nil {
		t.Fatal(err)
	}
}

// slow starts a server with subscribers that read, and one that does not.
func slow(t *testing.T, cfg servers.Config, what push.Slow) (with servers.Config, p *process, others []*notifications, deaf *notifications) {
	t.Helper()
	cfg.Push = push.Config{Rate: 100, Size: 25_000, Queue: 4 << 20, Slow: what}
	p = start(t, cfg)
	others = subscribe(t, p, cfg, 3)
	raw := dialRaw(t, p.addr)
	if err := raw.SetReadBuffer(chunkSize); err != nil { // else the kernel keeps much
		t.Fatal(err)
	}
	if err := raw.upgrade(upgradeRequest); err != nil {
		t.Fatal(err)
	}
	return cfg, p, others, &notifications{c: raw, size: cfg.Push.Size, every: 1}
}

// readOn makes subscribers read until the test calls enough, which is told if
// they were not sent all.
func readOn(t *testing.T, others []*notifications) (enough func()) {
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- eachSubscriber(others, func(s *notifications) error { return s.until(stop) }) }()
	return sync.OnceFunc(func() {
		close(stop)
		if err := <-ended; err != nil {
			t.Errorf("beside a subscriber that never reads: %v; want the others sent all", err)
		}
	})
}

// untilCounted waits until the server has counted something.
func untilCounted(t *testing.T, p *process, counted func(servers.Totals) bool) (totals servers.Totals) {
	t.Helper()
	err := eventually(4*patience, func() (err error) {
		if totals, err = p.counters(); err == nil && !counted(totals) {
			err = fmt.Errorf("the counters say %+v", totals)
		}
		return err
	})
	if err != nil {
		t.Fatalf("waiting for the counters: %v", err)
	}
	return totals
}

// until reads until told that it is enough. Few may be missing: readers that
// this machine holds up are slow as well.
func (s *notifications) until(enough <-chan struct{}) error {
	for n := uint64(0); ; n++ {
		select {
		case <-enough:
			if s.missed > n/4 {
				return fmt.Errorf("%d notifications came, and %d are missing", n, s.missed)
			}
			return nil
		default:
		}
		if _, err := s.next(); err != nil {
			return fmt.Errorf("after %d notifications: %w", n, err)
		}
	}
}

// testSlowDropped: what a subscriber that never reads has no room for is lost
// to it alone, and counted; the server's memory is bounded. When it reads, what
// comes is whole, and it goes on.
func testSlowDropped(t *testing.T, cfg servers.Config) {
	const first, last = 50, 350 // notifications dropped when memory is read
	cfg, p, others, deaf := slow(t, cfg, push.Drop)
	enough := readOn(t, others)
	defer enough()
	untilCounted(t, p, func(c servers.Totals) bool { return c.Dropped >= first })
	before, err := usage.User(p.tree()...)
	if err != nil {
		t.Fatal(err)
	}
	// Memory that what is dropped stays in grows with each drop, and never comes
	// below the bound. The queues of readers that this machine holds up do not
	// grow on.
	var totals servers.Totals
	err = eventually(4*patience, func() (err error) {
		if totals, err = p.counters(); err != nil {
			return err
		}
		after, err := usage.User(p.tree()...)
		if err != nil {
			return err
		}
		dropped := totals.Dropped - first
		if grown, bound := after-before, dropped*int64(cfg.Push.Size)/2; totals.Dropped < last || grown > bound {
			return fmt.Errorf("the server's memory grew by %d MiB while it dropped %d notifications; want at most %d MiB and %d of them",
				grown>>20, dropped, bound>>20, last-first)
		}
		return nil
	})
	enough()
	if err != nil {
		t.Errorf("a subscriber never read: %v", err)
	}
	if totals.Disconnected > 0 || totals.Errors > 0 || totals.Open != int64(len(others)+1) {
		t.Errorf("the counters say %+v; want notifications dropped, and nobody disconnected", totals)
	}
	most := int64(cfg.Push.Rate) * int64(4*patience/time.Second)
	missed, inTurn := uint64(0), 0
	for n := int64(0); missed == 0 || inTurn < 50; n++ {
		if _, err := deaf.next(); err != nil || n > most {
			t.Fatalf("reading at last, %d notifications and %d missing: %v; want them whole, and 50 in turn in the end", n, missed, err)
		}
		if inTurn++; deaf.missed > missed { // what its buffers held may have gaps of its own
			missed, inTurn = deaf.missed, 0
		}
	}
}

// testSlowDisconnected: with that choice, it is disconnected and counted.
func testSlowDisconnected(t *testing.T, cfg servers.Config) {
	_, p, others, deaf := slow(t, cfg, push.Disconnect)
	defer readOn(t, others)()
	totals := untilCounted(t, p, func(c servers.Totals) bool { return c.Disconnected > 0 && c.Open == int64(len(others)) })
	if totals.Disconnected != 1 || totals.Dropped > 0 || totals.Errors > 0 {
		t.Errorf("the counters say %+v; want 1 disconnected, and nothing else amiss", totals)
	}
	if err := deaf.c.end(promptly); err != nil {
		t.Error(err)
	}
}

// testPushClose: behind the answer to a close nothing is sent.
func testPushClose(t *testing.T, cfg servers.Config) {
	cfg.Push = push.Config{Rate: 1000}
	p := start(t, cfg)
	err := eachSubscriber(subscribe(t, p, cfg, 30), func(s *notifications) error {
		if err := s.several(5 + int(s.c.id)); err != nil {
			return err
		}
		if err := s.c.send(wsFrame(fin|closeFrame, 0x03, 0xe8)); err != nil {
			return err
		}
		for {
			first, payload, err := s.c.next()
			if err != nil {
				return err
			}
			if first == fin|closeFrame {
				break
			}
			if _, err := s.judge(first, payload); err != nil {
				return err
			}
		}
		if n, err := s.c.in.Read(make([]byte, 1)); n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("behind the close frame came %d bytes, %v; want the end", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.wantErrors(0, 0)
}

// testPushShutdown: a server that pushes ends as any other does, even while a
// subscriber takes nothing.
func testPushShutdown(t *testing.T, cfg servers.Config) {
	_, p, others, _ := slow(t, cfg, push.Drop)
	enough := readOn(t, others)
	defer enough()
	untilCounted(t, p, func(c servers.Totals) bool { return c.Dropped > 0 })
	enough()
	p.stop()
}
