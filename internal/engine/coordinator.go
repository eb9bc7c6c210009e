//go:build linux

package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"c1m/internal/result"
)

const (
	// helloLimit is how long a connection may take to send its hello, and
	// helloSize the most bytes of a hello: names have at most 200.
	helloLimit = 2 * time.Second
	helloSize  = 1 << 10

	// spare is how many connections without a hello may be open, besides one
	// for each replica.
	spare = 64

	// tellLimit is how long sending one word to a replica may take.
	tellLimit = 10 * time.Second

	// lostGrace is how long the harness waits, after a replica's connection
	// ended, for the report of its exit, which is more specific.
	lostGrace = 3 * time.Second
)

// coordinator sends start signals to replicas that are not the harness's child
// processes: each dials, sends a hello, reports its progress, and receives its words. It
// refuses replicas of other runs, without the load's token, or with a duplicate name.
// An unknown peer can use only a connection for helloLimit, and the memory of a hello.
type coordinator struct {
	listener net.Listener
	run      string
	token    string
	load     *load

	group sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	pending pending // those of conns without a hello
	refused error   // the last refusal
	closed  bool
}

// newCoordinator listens for the replicas of a load.
func newCoordinator(ctx context.Context, addr, run string, l *load) (*coordinator, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("the coordinator: %w", err)
	}
	c := &coordinator{
		listener: listener, run: run, token: newToken(), load: l,
		conns: map[net.Conn]struct{}{}, pending: pending{most: spare + len(l.replicas)},
	}
	c.group.Go(c.accept)
	return c, nil
}

// address returns the address that replicas dial: the host as the user named it,
// and the actual port.
func (c *coordinator) address(named string) string {
	host, _, _ := net.SplitHostPort(named)
	_, port, _ := net.SplitHostPort(c.listener.Addr().String())
	return net.JoinHostPort(host, port)
}

func (c *coordinator) accept() {
	for {
		conn, err := c.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // the connection is already gone, or no descriptor is free
			time.Sleep(10 * time.Millisecond)
			continue
		}
		c.mu.Lock()
		if c.closed {
			conn.Close()
		} else {
			c.conns[conn] = struct{}{}
			if silent := c.pending.add(conn); silent != nil {
				silent.Close()
			}
			c.group.Go(func() { c.serve(conn) })
		}
		c.mu.Unlock()
	}
}

// serve reads from a replica until its connection ends.
func (c *coordinator) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		c.mu.Lock()
		delete(c.conns, conn)
		c.pending.drop(conn)
		c.mu.Unlock()
	}()
	_ = conn.SetReadDeadline(time.Now().Add(helloLimit))
	in := bufio.NewReaderSize(conn, helloSize)
	r, err := c.welcome(in, conn)
	if err != nil {
		c.refuse(conn, err)
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	received := bufio.NewScanner(in)
	var lines result.Lines
	for received.Scan() {
		if line, ours, err := lines.Scan(received.Text()); err == nil && ours {
			c.load.take(r, line)
		}
	}
	c.load.lost(r)
}

// welcome reads a hello and admits the replica.
func (c *coordinator) welcome(in *bufio.Reader, conn net.Conn) (*replica, error) {
	name, err := readHello(in, c.run, c.token)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.pending.drop(conn)
	c.mu.Unlock()
	return c.load.welcome(name, limitedWriter{conn})
}

// readHello reads a hello with the run and the token, and returns the replica's
// name. in limits the length of a hello.
func readHello(in *bufio.Reader, run, token string) (string, error) {
	text, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("a hello of more than %d bytes", in.Size())
	} else if err != nil {
		return "", errors.New("no hello")
	}
	var lines result.Lines
	line, ours, err := lines.Scan(string(text))
	var version *result.VersionError
	switch {
	case errors.As(err, &version):
		return "", fmt.Errorf("its hello %w", version)
	case err != nil || !ours || line.Hello == nil:
		return "", errors.New("no hello")
	case line.Run != run:
		return "", fmt.Errorf("it is of run %q", line.Run)
	case !sameToken(line.Hello.Token, token):
		return "", errors.New("it does not have the token of this load")
	}
	return line.From, nil
}

func (c *coordinator) refuse(conn net.Conn, why error) {
	_, _ = limitedWriter{conn}.Write([]byte(Word{Name: WordRefused, Reason: why.Error()}.String() + "\n"))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = fmt.Errorf("refused %v: %w", conn.RemoteAddr(), why)
}

// refusal returns the last connection that was refused, and why; nil if none
// was.
func (c *coordinator) refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// close closes every connection.
func (c *coordinator) close() {
	c.listener.Close()
	c.mu.Lock()
	c.closed = true
	for conn := range c.conns {
		conn.Close()
	}
	c.mu.Unlock()
	c.group.Wait()
}

// limitedWriter writes within tellLimit, so that a replica that does not read
// cannot delay the others.
type limitedWriter struct{ conn net.Conn }

func (w limitedWriter) Write(b []byte) (int, error) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(tellLimit))
	return w.conn.Write(b)
}

// welcome admits the replica with that name.
func (l *load) welcome(name string, words limitedWriter) (*replica, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.replicas {
		switch {
		case r.name != name:
		case r.stage != absent:
			return nil, fmt.Errorf("%s is already connected", name)
		default:
			r.words, r.stage = words, connecting
			l.notify()
			return r, nil
		}
	}
	return nil, fmt.Errorf("no replica is named %q", name)
}

// lost records that a replica's connection ended. Before its release that is a
// failure; a more specific cause may follow.
func (l *load) lost(r *replica) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.released {
		time.AfterFunc(lostGrace, func() {
			l.fail(r, fmt.Errorf("%s died: its connection to the coordinator ended", r.name))
		})
	}
}
