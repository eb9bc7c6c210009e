//go:build linux

package engine

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"c1m/internal/engine/enginetest"
	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// rig is a platform to run trials on.
type rig struct {
	*Containers
	t *testing.T
}

var rigs int

// newRig makes a platform ready, for as long as the test, which must leave
// nothing. change may adapt how containers are started.
func newRig(t *testing.T, platform, image string, change func(*ContainerConfig)) (*rig, error) {
	t.Helper()
	rigs++
	cfg := ContainerConfig{
		Run:   "test." + strconv.FormatInt(time.Now().UnixNano(), 36) + "-" + strconv.Itoa(rigs),
		Image: image, Network: NetworkHost,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := NewContainers(t.Context(), platform, cfg)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		enginetest.NothingLeft(t, cfg.Run)
	})
	return &rig{c, t}, nil
}

func mustRig(t *testing.T, platform, image string, change func(*ContainerConfig)) *rig {
	t.Helper()
	r, err := newRig(t, platform, image, change)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// trial drives a cell through its phases as the suite does. at is called when
// a phase has begun: starting, connecting, first replies, warm-up, window,
// closing, releasing.
func (r *rig) trial(ctx context.Context, cell result.Cell, at func(phase string, s Server, l Load)) (result.Replica, error) {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	var none result.Replica
	spec := Spec{Run: r.cfg.Run, Cell: cell}
	at("starting", nil, nil)
	server, err := r.Server(ctx, spec)
	if err != nil {
		return none, err
	}
	defer server.Stop()
	ctx, died := context.WithCancelCause(ctx)
	defer died(nil)
	go func() {
		select {
		case <-server.Done():
			died(server.Err())
		case <-ctx.Done():
		}
	}()
	at("loading", server, nil)
	load, err := r.Load(ctx, spec, server.Addr())
	if err != nil {
		return none, err
	}
	defer load.Stop()
	go func() {
		select {
		case <-load.Failed():
			died(load.Err())
		case <-ctx.Done():
		}
	}()
	at("connecting", server, load)
	if err := load.Connected(ctx); err != nil {
		return none, err
	}
	at("first replies", server, load)
	if err := load.Go(ctx); err != nil {
		return none, err
	}
	begin, err := load.Window()
	if err != nil {
		return none, err
	}
	at("warm-up", server, load)
	wait := func(until time.Time) error {
		select {
		case <-time.After(time.Until(until)):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := wait(begin.Add(cell.Warmup)); err != nil {
		return none, err
	}
	at("window", server, load)
	if err := wait(begin.Add(cell.Warmup + cell.Window)); err != nil {
		return none, err
	}
	at("closing", server, load)
	if err := load.Closed(ctx); err != nil {
		return none, err
	}
	at("releasing", server, load)
	measured, err := load.Release(ctx)
	if err != nil {
		return none, err
	}
	load.Stop()
	counts, err := server.Stop()
	switch {
	case err != nil:
		return none, err
	case counts == nil || counts.Accepted != int64(cell.Conns):
		r.t.Errorf("the server counts %+v, want %d accepted", counts, cell.Conns)
	case len(server.Uses()) < 2:
		r.t.Error("the server says nothing of its use")
	}
	return measured, nil
}

func nothing(string, Server, Load) {}

// smallCell is a load of n replicas.
func smallCell(n int) result.Cell {
	return result.Cell{
		Kind: result.KindMode, Row: "epoll", Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Conns: 2 * n, Size: 8},
		Replicas: n, Loops: 1,
		Timing: workload.Timing{Warmup: 200 * time.Millisecond, Window: 500 * time.Millisecond, Timeout: 20 * time.Second},
	}
}

func checkMeasured(t *testing.T, cell result.Cell, r result.Replica, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if r.Replicas != cell.Replicas || r.Asked() != cell.Conns || r.Connected != cell.Conns || r.Active != cell.Conns || r.Operations == 0 || len(r.Errors) > 0 {
		t.Errorf("%d replicas, %d of %d connections, %d active, %d operations, errors %v; want all of %d replicas and %d connections",
			r.Replicas, r.Connected, r.Asked(), r.Active, r.Operations, r.Errors, cell.Replicas, cell.Conns)
	}
}

func TestDocker(t *testing.T) {
	image := enginetest.Image(t)
	t.Run("50 replicas", func(t *testing.T) {
		r := mustRig(t, Docker, image, nil)
		cell := smallCell(50)
		measured, err := r.trial(t.Context(), cell, nothing)
		checkMeasured(t, cell, measured, err)
		// They share this machine's clock, however late each reads its word.
		t.Logf("windows opened %v apart", measured.Apart)
		if measured.Apart > cell.Window/20 {
			t.Errorf("windows of %v opened %v apart", cell.Window, measured.Apart)
		}
	})
	t.Run("by clocks", func(t *testing.T) {
		r := mustRig(t, Docker, image, func(c *ContainerConfig) { c.Coordinator, c.StartAfter = CoordinatorNone, 8*time.Second })
		cell := smallCell(2)
		measured, err := r.trial(t.Context(), cell, nothing)
		checkMeasured(t, cell, measured, err)
		if measured.Late > 0 || measured.Opened != cell.Warmup {
			t.Errorf("late by %v, opened at %v, want %v", measured.Late, measured.Opened, cell.Warmup)
		}
	})
	t.Run("faults", func(t *testing.T) { testFaults(t, Docker, image) })
	t.Run("interrupted", func(t *testing.T) { testInterrupted(t, Docker, image) })
}

func TestSwarm(t *testing.T) {
	image := enginetest.Image(t)
	enginetest.Swarm(t)
	t.Run("replicas", func(t *testing.T) {
		r := mustRig(t, Swarm, image, nil)
		cell := smallCell(5)
		measured, err := r.trial(t.Context(), cell, nothing)
		checkMeasured(t, cell, measured, err)
	})
	t.Run("a replica dies", func(t *testing.T) {
		r := mustRig(t, Swarm, image, nil)
		cell := smallCell(2)
		cell.Window = 30 * time.Second
		_, err := r.trial(t.Context(), cell, func(phase string, _ Server, l Load) {
			if phase == "window" {
				job := l.(*containerLoad).job.name
				enginetest.Docker(t, "kill", enginetest.Docker(t, "ps", "--quiet", "--filter", "name=^"+job+"\\.1\\."))
			}
		})
		if err == nil || !strings.HasPrefix(err.Error(), "replica-2 died: ") {
			t.Errorf("error %v, want that replica-2 died", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		r := mustRig(t, Swarm, image, nil)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := r.trial(ctx, smallCell(2), func(phase string, _ Server, _ Load) {
			if phase == "first replies" {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no image", func(t *testing.T) {
		r := mustRig(t, Swarm, "127.0.0.1:1/absent", nil)
		_, err := r.trial(t.Context(), smallCell(1), nothing)
		if err == nil || !strings.Contains(err.Error(), "no image 127.0.0.1:1/absent: build it") {
			t.Errorf("error %v", err)
		}
	})
}

// testFaults makes go wrong what can, one thing a trial.
func testFaults(t *testing.T, platform, image string) {
	kill := func(t *testing.T, phase string) func(string, Server, Load) {
		return func(now string, _ Server, l Load) {
			if now == phase {
				enginetest.Docker(t, "kill", l.(*containerLoad).job.container(1))
			}
		}
	}
	for _, phase := range []string{"connecting", "first replies", "warm-up", "window"} {
		t.Run("a replica dies: "+phase, func(t *testing.T) {
			cell := smallCell(3)
			cell.ConnectRate, cell.Warmup, cell.Window = 2, 2*time.Second, 30*time.Second
			if phase != "connecting" {
				cell.ConnectRate = 0
			}
			_, err := mustRig(t, platform, image, nil).trial(t.Context(), cell, kill(t, phase))
			if want := "replica-2 died: exit code 137: killed, possibly because memory ran out"; err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
	t.Run("the server dies", func(t *testing.T) {
		cell := smallCell(2)
		cell.Window = 30 * time.Second
		_, err := mustRig(t, platform, image, nil).trial(t.Context(), cell, func(phase string, s Server, _ Load) {
			if phase == "window" {
				enginetest.Docker(t, "kill", s.(*containerServer).job.container(0))
			}
		})
		if err == nil || !strings.HasPrefix(err.Error(), "server epoll died: exit code 137") {
			t.Errorf("error %v", err)
		}
	})
	for want, change := range map[string]func(*ContainerConfig){
		"server epoll: no image 127.0.0.1:1/absent: build it (scripts/image.sh 127.0.0.1:1/absent), or choose another with -image": func(c *ContainerConfig) { c.Image = "127.0.0.1:1/absent" },
		"server epoll: -nofile 1073741816 exceeds the hard limit of the engine's host (ulimit -Hn)":                                func(c *ContainerConfig) { c.Descriptors = 1<<30 - 8 },
		"the coordinator: listen tcp 192.0.2.1:9: bind: cannot assign requested address":                                           func(c *ContainerConfig) { c.Coordinator = "192.0.2.1:9" },
	} {
		t.Run("a setting that cannot be: "+want[:12], func(t *testing.T) {
			_, err := mustRig(t, platform, image, change).trial(t.Context(), smallCell(2), nothing)
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %v, want %s…", err, want)
			}
		})
	}
	t.Run("replicas that cannot start", func(t *testing.T) {
		r := mustRig(t, platform, image, nil)
		cell := smallCell(3)
		cell.Size = -1 // which no replica takes
		_, err := r.trial(t.Context(), cell, nothing)
		if err == nil || !strings.Contains(err.Error(), `: -size "-1": want 1 to `) || !strings.HasPrefix(err.Error(), "replica-") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the coordinator cannot be reached", func(t *testing.T) {
		r := mustRig(t, platform, image, nil)
		r.platform = misled{r.platform}
		_, err := r.trial(t.Context(), smallCell(2), nothing)
		if err == nil || !strings.Contains(err.Error(), ": cannot reach the harness at 127.0.0.1:1: ") {
			t.Errorf("error %v", err)
		}
	})
}

// misled sends replicas to a coordinator that is not there.
type misled struct{ platform }

func (m misled) start(ctx context.Context, j job) error {
	j.args = slices.Clone(j.args)
	for i, arg := range j.args {
		if strings.HasPrefix(arg, "--barrier=tcp:") {
			j.args[i] = "--barrier=tcp:127.0.0.1:1"
		}
	}
	return m.platform.start(ctx, j)
}

// testInterrupted ends a trial in every phase.
func testInterrupted(t *testing.T, platform, image string) {
	for _, phase := range []string{"starting", "loading", "connecting", "first replies", "warm-up", "window", "closing", "releasing"} {
		t.Run(phase, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			reason := errors.New("interrupted")
			r := mustRig(t, platform, image, nil)
			r.platform = interrupting{r.platform, func(j job) {
				if phase == "starting" && j.replicas == 0 || phase == "loading" && j.replicas > 0 {
					cancel(reason)
				}
			}}
			_, err := r.trial(ctx, smallCell(2), func(now string, _ Server, _ Load) {
				if now == phase && phase != "starting" && phase != "loading" {
					cancel(reason)
				}
			})
			if !errors.Is(err, reason) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// interrupting tells of each job when its containers have been started.
type interrupting struct {
	platform
	starts func(job)
}

func (i interrupting) start(ctx context.Context, j job) error {
	defer i.starts(j)
	return i.platform.start(ctx, j)
}
