//go:build linux

package load

import (
	"net"
	"sync"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// However connections are cut into loops, exactly as many are busy as were
// asked for, and no loop of an open loop is without one.
func TestBusyIsSpreadEvenly(t *testing.T) {
	for conns := 1; conns <= 24; conns++ {
		for busy := 1; busy <= conns; busy++ {
			for loops := 1; loops <= conns; loops++ {
				cfg := Config{Workload: workload.Workload{Conns: conns, Busy: busy}, Loops: loops}
				total := 0
				for i := range loops {
					_, count, some := cfg.part(i)
					of := 0
					for n := range count {
						if isBusy(n, count, some) {
							of++
						}
					}
					if loops <= busy && of == 0 {
						t.Errorf("%d busy of %d: loop %d of %d has none", busy, conns, i, loops)
					}
					total += of
				}
				if total != busy {
					t.Errorf("%d of %d are busy, want %d", total, conns, busy)
				}
			}
		}
	}
}

// Few busy among many: only they speak, and the law holds for them.
func TestFewBusy(t *testing.T) {
	cfg := quick(50, serve(t, "tcp", echo))
	cfg.Busy = 3
	r := run(t, cfg, Alone{}, nil)
	clean(t, r)
	if r.Busy() != 3 || r.Answered != 3 || r.Connected != 50 || r.Kept != 50 {
		t.Errorf("%d busy, %d answered, %d connected, %d kept; want 3, 3, 50, 50", r.Busy(), r.Answered, r.Connected, r.Kept)
	}
	if inside := time.Duration(r.Latency.Sum()) - r.Carried + r.Left; inside != 3*r.Window {
		t.Errorf("requests in flight × window = %v, want 3 × %v", inside, r.Window)
	}
}

// Few busy at a rate: the schedule is offered on them alone.
func TestFewBusyAtARate(t *testing.T) {
	cfg := quick(50, serve(t, "tcp", echo))
	cfg.Busy, cfg.Rate = 3, 500
	cfg.Window = time.Second
	r, err := Run(t.Context(), cfg, Alone{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, r)
	if r.Busy() != 3 || r.Due == 0 {
		t.Errorf("%d busy, %d active, %d due; want 3, 3, some", r.Busy(), r.Active, r.Due)
	}
}

// Idle connections are held until the window is over, and send nothing.
func TestIdle(t *testing.T) {
	spoke := make(chan int, 1)
	cfg := quick(20, serve(t, "tcp", func(_ int, c *net.TCPConn) {
		if n, _ := c.Read(make([]byte, 1)); n > 0 {
			select {
			case spoke <- n:
			default:
			}
		}
	}))
	cfg.Idle = true
	r := run(t, cfg, Alone{}, nil)
	clean(t, r)
	if r.Connected != 20 || r.Kept != 20 || r.Busy() != 0 || r.Operations != 0 || r.Connect.Count() != 20 {
		t.Errorf("%d connected, %d kept, %d busy, %d operations, %d times to connect; want 20, 20, 0, 0, 20",
			r.Connected, r.Kept, r.Busy(), r.Operations, r.Connect.Count())
	}
	select {
	case <-spoke:
		t.Error("an idle connection sent something")
	default:
	}
}

// What the server does to an idle connection is seen: closing it, and sending
// what nobody asked for.
func TestIdleIsWatched(t *testing.T) {
	for _, test := range []struct {
		kind string
		does func(*net.TCPConn)
	}{
		{result.ErrorClosed, func(c *net.TCPConn) { c.CloseWrite() }},
		{result.ErrorUnasked, func(c *net.TCPConn) { c.Write([]byte("x")) }},
	} {
		t.Run(test.kind, func(t *testing.T) {
			now := make(chan struct{})
			cfg := quick(10, serve(t, "tcp", func(n int, c *net.TCPConn) {
				if n == 4 {
					<-now
					test.does(c)
				}
				c.Read(make([]byte, 1))
			}))
			cfg.Idle = true
			live := new(Live)
			misbehave := sync.OnceFunc(func() { close(now) })
			r := run(t, cfg, &held{Barrier: Alone{}, live: live, until: func(s Snapshot) bool {
				misbehave() // all are connected
				return s.Errors == 1
			}}, live)
			if r.Errors[test.kind] != 1 || len(r.Errors) != 1 || r.Kept != 9 {
				t.Errorf("errors %v, %d kept; want 1 %s and 9", r.Errors, r.Kept, test.kind)
			}
		})
	}
}
