//go:build linux

package contract

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"c1m/internal/proctest"
	"c1m/internal/proto"
)

func TestMain(m *testing.M) {
	os.Exit(proctest.Main(proctest.Mains{"server": serveFault}, func() int {
		flag.Parse()
		// Servers are waited for more than they work.
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
		return m.Run()
	}))
}

// serveFault is a server in a process of its own, until SIGTERM. It says on stdout
// where it listens. Its arguments are its protocol and fault, its address, and its limit
// on descriptors, 0 for none.
func serveFault(args []string) error {
	protocol, fault, _ := strings.Cut(args[0], "/")
	n, err := strconv.ParseUint(args[2], 10, 64)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			return err
		}
	}
	config := net.ListenConfig{KeepAlive: -1}
	if fault == "no-reuse" {
		config.Control = func(_, _ string, c syscall.RawConn) (err error) {
			if e := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0) }); e != nil {
				return e
			}
			return err
		}
	}
	listener, err := config.Listen(context.Background(), "tcp", args[1])
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	handle := (&echoServer{fault: fault, places: make(chan struct{}, 300)}).handle
	if proto.Protocol(protocol) == proto.WebSocket {
		handle = (&wsServer{fault: fault}).handle
	}
	return accept(listener.(*net.TCPListener), fault, handle)
}

// program is a server process of a test.
type program struct {
	*proctest.Process
	addr string
	over chan struct{}
	err  error
}

// startFault starts the test binary as a server.
func startFault(t *testing.T, what string) func(context.Context, Options) (Server, error) {
	return func(_ context.Context, o Options) (Server, error) {
		addr := o.Addr
		if addr == "" {
			addr = "127.84.0.1:0"
		}
		p := &program{
			Process: proctest.Start(t, proctest.Command("server", what, addr, fmt.Sprint(o.Descriptors))),
			over:    make(chan struct{}),
		}
		var err error
		p.addr, err = p.Line()
		go func() {
			p.err = p.Wait()
			close(p.over)
		}()
		return p, err
	}
}

func (p *program) Addr() string          { return p.addr }
func (p *program) Done() <-chan struct{} { return p.over }
func (p *program) Err() error            { return fmt.Errorf("%v", p.err) }

func (p *program) Stop(ctx context.Context) error {
	_ = p.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *program) End() { p.Kill() }
