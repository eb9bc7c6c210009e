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
	// helloLimit is how long a connection may take to say whose it is, and
	// helloSize how many bytes that may have: names have 200 at most.
	helloLimit = 2 * time.Second
	helloSize  = 1 << 10

	// spare is how many connections may not have said whose they are, beside
	// one for each replica.
	spare = 64

	// tellLimit is how long telling a replica one word may take.
	tellLimit = 10 * time.Second

	// lostGrace is how long after its connection ended a replica's end may
	// become known, which says more.
	lostGrace = 3 * time.Second
)

// coordinator is where replicas that are not the harness's own processes reach
// it: each dials, says hello, tells how far it is, and is told its words. Those
// of other runs, those without the load's token, and second ones of the same
// name are refused. What others may take of the harness is bounded: a
// connection each that is silent for a moment, and a hello's memory.
type coordinator struct {
	listener net.Listener
	run      string
	token    string
	load     *load

	group sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	pending pending // those of conns that are nobody's yet
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

// address is where replicas dial: the host as the user named it, and the port
// there is.
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
		case err != nil: // a connection that was gone again, or no descriptor now
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

// serve hears a replica to the end.
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
	heard := bufio.NewScanner(in)
	var lines result.Lines
	for heard.Scan() {
		if line, ours, err := lines.Scan(heard.Text()); err == nil && ours {
			c.load.take(r, line)
		}
	}
	c.load.lost(r)
}

// welcome takes in the replica that is there.
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

// readHello reads who is there: the name of a replica of that run which has its
// token. in bounds how long a hello may be.
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

// refusal is the last connection that was refused, and why; nil if none was.
func (c *coordinator) refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// close ends every conversation.
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

// limitedWriter writes within tellLimit, so that one replica which does not
// read cannot hold up the others.
type limitedWriter struct{ conn net.Conn }

func (w limitedWriter) Write(b []byte) (int, error) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(tellLimit))
	return w.conn.Write(b)
}

// welcome takes in the replica of that name.
func (l *load) welcome(name string, words limitedWriter) (*replica, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.replicas {
		switch {
		case r.name != name:
		case r.stage != absent:
			return nil, fmt.Errorf("%s is here already", name)
		default:
			r.words, r.stage = words, connecting
			l.moved()
			return r, nil
		}
	}
	return nil, fmt.Errorf("no replica is named %q", name)
}

// lost notes that a replica's connection ended. Before it was released that is
// a failure, though others may yet say why.
func (l *load) lost(r *replica) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.released {
		time.AfterFunc(lostGrace, func() {
			l.fail(r, fmt.Errorf("%s died: its connection to the coordinator ended", r.name))
		})
	}
}
