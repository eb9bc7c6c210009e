//go:build linux

package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

// others is the theme of clients that behave badly, and those beside them.
func others() []Clause {
	return []Clause{
		{
			ID: "others.stalled", Title: "half a message holds up nobody else", Protocols: both, run: othersStalled,
			Why: "A client may stop anywhere: in a tunnel, in a debugger, on purpose ([CWE-400](https://cwe.mitre.org/data/definitions/400.html)). A server that waits for the rest of its message serves nobody else on that loop or thread. 16 clients stop within a message, 50 others exchange 100 messages each, and then the 16 send the rest.",
		},
		{
			ID: "others.upgrade", Title: "a slow handshake holds up nobody else", Protocols: onlyWebSocket, run: othersUpgrade,
			Why: "A request to upgrade may come a byte at a time (Slowloris, [CWE-400](https://cwe.mitre.org/data/definitions/400.html)). A server that reads it in its accept loop accepts nobody meanwhile. 16 clients stop within the request, 50 others connect, upgrade and exchange 20 messages, and then the 16 send the rest: they are upgraded, unless the server has closed their connections.",
		},
		{
			ID: "others.deaf", Title: "a client that never reads holds up nobody", Protocols: both, run: othersDeaf,
			Why: "When a client does not read, its socket's buffer fills, and [send(2)](https://man7.org/linux/man-pages/man2/send.2.html) blocks or takes no more. A server that waits there serves nobody else. One client sends up to 64 MiB and reads nothing, while others exchange messages. When it reads at last, everything is there in order, or the server has closed its connection, which is a note.",
		},
		{
			ID: "others.greedy", Title: "a client that never pauses leaves others turns", Protocols: both, run: othersGreedy,
			Why: "A loop that reads a connection until it is empty stays with one that is never empty (the starvation that [epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html) warns of). One client has 64 KiB in flight at all times, while 20 others exchange 50 messages each.",
		},
		{
			ID: "others.all", Title: "under load every connection is served", Protocols: both, run: othersAll,
			Why: "If ninety of a thousand connections are served, the throughput is that of ninety ([epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html), starvation). 500 connections exchange one message after another: each must have 10 replies before they have 500 on average.",
		},
	}
}

// stoppers is how many clients stop within something: enough that each loop or
// thread of most servers has one.
const stoppers = 16

func othersStalled(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	stalled, err := s.dialMany(stoppers)
	if err != nil {
		return err
	}
	did := fmt.Sprintf("%d clients had sent half a message", stoppers)
	half := len(stalled[0].wire.encode(make([]byte, messageSize))) / 2
	messages, rests := make([][]byte, stoppers), make([][]byte, stoppers)
	for i, c := range stalled {
		messages[i] = c.message()
		b := c.wire.encode(messages[i])
		rests[i] = b[half:]
		if err := c.write(b[:half]); err != nil {
			return found(did, "it to be taken", err)
		}
	}
	clients, err := s.dialMany(50)
	if err == nil {
		err = each(clients, func(c *client) error { return c.trips(100) })
	}
	if err != nil {
		return found(did+" and 50 others exchanged messages", "100 replies to each of the others", reason(err))
	}
	for i, c := range stalled {
		err := c.write(rests[i])
		if err == nil {
			err = c.expect(messages[i])
		}
		if err != nil {
			return found(did+" and later the rest", "the whole message back", err)
		}
	}
	return nil
}

// reason is an error, or what a finding within says came.
func reason(err error) any {
	var f Findings
	if errors.As(err, &f) {
		return f[0].Got
	}
	return err
}

func othersUpgrade(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	slow, rests := make([]*client, stoppers), make([][]byte, stoppers)
	for i := range slow {
		var err error
		if slow[i], rests[i], err = s.halfUpgrade(); err != nil {
			return err
		}
	}
	did := fmt.Sprintf("%d clients had sent half a request to upgrade", stoppers)
	clients, err := s.dialMany(50)
	if err == nil {
		err = each(clients, func(c *client) error { return c.trips(20) })
	}
	if err != nil {
		return found(did+" and 50 others connected", "them to be upgraded and served", reason(err))
	}
	for i, c := range slow {
		if err := c.write(rests[i]); err != nil {
			continue // it was given up
		}
		_, err := c.upgraded()
		if err == nil {
			err = c.trip()
		}
		if err != nil && !ended(err) {
			return found(did+" and later the rest", "it to be granted, or the connection to be closed", err)
		}
	}
	return nil
}

// ended reports whether an error is the end of a connection.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

const (
	// deafMost is how much a client sends that reads nothing: far more than
	// the kernel's buffers on the way.
	deafMost = 64 << 20

	// deafSize is its message: it is cut by reads, and by frames.
	deafSize = 60_000
)

// deaf is a client that has sent as much as was taken, and read nothing.
type deaf struct {
	*client
	messages int    // sent whole
	rest     []byte // of the one after them
	err      error  // why it was not sent, but for the socket being full
}

// deafen makes a client that sends and does not read, until the server takes no
// more or deafMost is sent.
func (s *scene) deafen() (*deaf, error) {
	c, err := s.ready()
	if err != nil {
		return nil, err
	}
	if err := c.SetReadBuffer(chunkSize); err != nil { // else the kernel keeps most
		return nil, err
	}
	d := &deaf{client: c}
	for ; d.messages < deafMost/deafSize; d.messages++ {
		d.rest = c.wire.encode(d.message(d.messages))
		for len(d.rest) > 0 {
			n, err := s.push(c, d.rest)
			d.rest = d.rest[n:]
			if err != nil || n == 0 {
				d.err = err
				return d, nil
			}
		}
	}
	return d, nil
}

// message is the nth message.
func (*deaf) message(n int) []byte { return streamAt(n*deafSize, deafSize) }

// all reports whether everything was taken.
func (d *deaf) all() bool { return d.messages == deafMost/deafSize }

// push writes what the server takes before it is quiet. A full socket is no
// error.
func (s *scene) push(c *client, b []byte) (int, error) {
	const quiet, tries = 250 * time.Millisecond, 20
	for try := 1; ; try++ {
		if err := c.SetWriteDeadline(time.Now().Add(quiet)); err != nil {
			return 0, err
		}
		n, err := c.Write(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
		if n > 0 || err != nil || try == tries || s.ctx.Err() != nil {
			return n, err
		}
		// A server that still works may come to it.
		if pid := s.server().PID(); pid != 0 && !runnable(Process(pid).Tree()) || pid == 0 && try >= 4 {
			return 0, nil
		}
	}
}

func othersDeaf(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	clients, err := s.dialMany(10)
	if err != nil {
		return err
	}
	d, err := s.deafen()
	if err != nil {
		return err
	}
	did := fmt.Sprintf("a client sent %.1f MB and read nothing", float64(d.messages*deafSize)/1e6)
	if d.err != nil && !ended(d.err) {
		return found(did, "it to be taken, or the connection to be closed", d.err)
	}
	if err := each(clients, func(c *client) error { return c.trips(100) }); err != nil {
		return found(did+" and 10 others exchanged messages", "100 replies to each of the others", err)
	}
	if err := d.readAll(); ended(err) {
		s.note("closes the connection of a client that does not read, after %.1f MB", float64(d.messages*deafSize)/1e6)
	} else if err != nil {
		return found(did+", and then read", "everything in order", err)
	}
	return nil
}

// readAll sends the rest of the last message, reads all that was sent, and exchanges
// one more message.
func (d *deaf) readAll() error {
	if d.err != nil {
		return d.err
	}
	count := d.messages
	if !d.all() {
		count++ // the rest of one is on its way
	}
	err := d.whileWriting(func() error { return d.write(d.rest) }, func() error {
		for i := range count {
			if err := d.expect(d.message(i)); err != nil {
				return fmt.Errorf("message %d of %d: %w", i+1, count, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.trip()
}

func othersGreedy(s *scene) error {
	const count, messages = 20, 50
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	greedy, err := s.dialAndTrip()
	if err != nil {
		return found("a client sent a message", "it back", err)
	}
	const did = "a client had always 64 KiB on the way"
	enough := make(chan struct{})
	pump := func() error {
		if err := greedy.pump(enough); err != nil {
			return found(did, "all of it back", err)
		}
		return nil
	}
	return greedy.whileWriting(pump, func() error {
		defer close(enough)
		clients, err := s.dialMany(count)
		if err == nil {
			err = each(clients, func(c *client) error { return c.trips(messages) })
		}
		if err != nil {
			return found(fmt.Sprintf("%s and %d others exchanged messages", did, count), fmt.Sprintf("%d replies to each of the others", messages), reason(err))
		}
		return nil
	})
}

// pump keeps two messages of 32 KiB on the way until told that it is enough, and
// reads what is left. They fit in the socket buffers: it does not read while it
// writes.
func (c *client) pump(enough <-chan struct{}) error {
	const ahead = 2
	message := func(n int) []byte { return streamAt(n*chunkSize, chunkSize) }
	for sent, got := 0, 0; ; got++ {
		select {
		case <-enough:
			for ; got < sent; got++ {
				if err := c.expect(message(got)); err != nil {
					return err
				}
			}
			return nil
		default:
		}
		for ; sent-got < ahead; sent++ {
			if err := c.send(message(sent)); err != nil {
				return err
			}
		}
		if err := c.expect(message(got)); err != nil {
			return err
		}
	}
}

func othersAll(s *scene) error {
	const (
		connections = 500
		replies     = 10
		most        = 500 // replies of a connection, on average
		unfair      = 20  // times as many as the least, if time is over before
	)
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	clients, err := s.dialMany(connections)
	if err != nil {
		return err
	}
	// What is counted are replies, not time: a slow machine is slow for all.
	ctx, cancel := context.WithTimeout(s.ctx, s.target.scaled(usual/2))
	defer cancel()
	var total, waiting atomic.Int64
	waiting.Store(connections)
	counts := make([]int64, connections)
	err = all(connections, func(i int) error {
		for waiting.Load() > 0 && total.Load() < connections*most && ctx.Err() == nil {
			if err := clients[i].trip(); err != nil {
				return err
			}
			total.Add(1)
			if counts[i]++; counts[i] == replies {
				waiting.Add(-1)
			}
		}
		return nil
	})
	least := slices.Min(counts)
	did := fmt.Sprintf("%d connections exchanged one message after another", connections)
	want := fmt.Sprintf("%d replies to each before there are %d on average", replies, most)
	switch {
	case err != nil:
		return found(did, want, err)
	case least < replies && total.Load() >= connections*max(least, 1)*unfair:
		few := 0
		for _, n := range counts {
			if n < replies {
				few++
			}
		}
		return found(did, want, fmt.Sprintf("after %d replies in all, %d connections had fewer, and the least had %d", total.Load(), few, least))
	}
	return nil
}
