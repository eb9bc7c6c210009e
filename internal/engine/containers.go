//go:build linux

package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"c1m/internal/result"
)

// The networks of containers.
const (
	NetworkHost   = "host"   // the host's network
	NetworkBridge = "bridge" // a network created for the run
)

// CoordinatorNone means that replicas cannot reach the harness: they share only a
// clock.
const CoordinatorNone = "none"

// ContainerConfig is how containers are started.
type ContainerConfig struct {
	Run     string // the run's id, a label of everything started
	Image   string // of this program
	Network string

	// Coordinator is the HOST:PORT of this machine at which the harness
	// listens and replicas reach it; empty for a default that suits the
	// network; CoordinatorNone if they cannot.
	Coordinator string

	// StartAfter is, without a coordinator, the time from launching the
	// replicas to the start of the load; 0 estimates the time to connect.
	StartAfter time.Duration

	// Metrics is where the harness shows its metrics; those of containers follow
	// from it (scraped). Empty: nowhere.
	Metrics string

	// Descriptors is the descriptor limit in each container; 0 keeps the
	// engine's default.
	Descriptors int

	// Dry, if not nil, receives the commands, and none is run.
	Dry io.Writer
}

// Containers runs servers and replicas as containers, by the user's command-line tool.
// Results are read from their logs; start signals arrive over a connection that they
// open to the harness.
type Containers struct {
	cfg      ContainerConfig
	platform platform
	spawn    *spawner
	keeper   *process // nil if nothing is started

	mu     sync.Mutex
	jobs   int // started so far; used to number them
	closed bool
}

var _ Engine = (*Containers)(nil)

// The platforms of containers.
const (
	Docker     = "docker"
	Swarm      = "swarm"
	Kubernetes = "kubernetes"
)

// Platforms lists all platforms.
var Platforms = []string{Docker, Swarm, Kubernetes}

// newPlatform returns the platform with that name, and its tool.
func newPlatform(name string, cfg ContainerConfig) (platform, *tool) {
	t := &tool{spawn: newSpawner(), dry: cfg.Dry}
	switch name {
	case Docker:
		t.name = "docker"
		return &docker{tool: t, cfg: cfg}, t
	case Swarm:
		t.name = "docker"
		return &swarm{docker: docker{tool: t, cfg: cfg}}, t
	case Kubernetes:
		t.name = "kubectl"
		return &kubernetes{tool: t, cfg: cfg}, t
	}
	panic("no platform " + name)
}

// NewContainers prepares a platform. If the platform does not answer, the error is
// one line with the fix.
func NewContainers(ctx context.Context, platform string, cfg ContainerConfig) (*Containers, error) {
	p, t := newPlatform(platform, cfg)
	c := &Containers{cfg: cfg, platform: p, spawn: t.spawn}
	if err := answers(ctx, p, t); err != nil {
		t.spawn.close()
		return nil, err
	}
	if cfg.Dry == nil {
		if err := c.startKeeper(platform); err != nil {
			c.dismissKeeper()
			t.spawn.close()
			return nil, err
		}
	}
	if err := p.prepare(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// answerLimit is how long a platform may take to answer.
var answerLimit = 30 * time.Second

// answers checks whether a platform can be used.
func answers(ctx context.Context, p platform, t *tool) error {
	if err := t.find(); err != nil {
		return err
	}
	limited, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("no answer within %v", answerLimit))
	defer cancel()
	err := p.check(limited)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// removeLimit is the time limit for removing what was started.
const removeLimit = time.Minute

// removing returns a context for removing what was started, after the context
// under which it was started has ended.
func removing() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(context.Background(), removeLimit, fmt.Errorf("not removed within %v", removeLimit))
}

// Close removes everything of the run that still exists.
func (c *Containers) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	ctx, cancel := removing()
	defer cancel()
	err := c.platform.clean(ctx, c.cfg.Run)
	c.dismissKeeper()
	c.spawn.close()
	if err != nil {
		return fmt.Errorf("some containers may remain; fix: bench clean: %w", err)
	}
	return nil
}

// job returns a new job with a unique number, so that the names of a run's trials
// differ.
func (c *Containers) job(kind string, spec Spec, args []string, replicas int) job {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs++
	j := job{
		name: plainName(fmt.Sprintf("c1m-%s-%d-%s", c.cfg.Run, c.jobs, kind)), run: c.cfg.Run,
		args: args, replicas: replicas, conns: spec.Cell.Conns, cpus: spec.Cell.ServerCPUs,
	}
	if replicas > 0 {
		j.conns, j.cpus = spec.Cell.Share(0, replicas).Conns, spec.Cell.ClientCPUs
	}
	j.metrics, _ = scrapedOf(c.cfg.Metrics, c.cfg.Network, replicas) // CheckMetrics has accepted it
	return j
}

// remove removes a job. If that fails, Close tries again and reports the error.
func (c *Containers) remove(j job) {
	ctx, cancel := removing()
	defer cancel()
	_ = c.platform.remove(ctx, j)
}

// Server starts the cell's server.
func (c *Containers) Server(ctx context.Context, spec Spec) (Server, error) {
	switch spec.Cell.Kind {
	case result.KindMode:
		return c.modeServer(ctx, spec)
	case result.KindTarget:
		return &target{cmp.Or(spec.Cell.Address, spec.Cell.Command)}, nil
	}
	return nil, fmt.Errorf("a cell of kind %q has no server in a container", spec.Cell.Kind)
}
