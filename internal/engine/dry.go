//go:build linux

package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"c1m/internal/result"
)

// DryRun prints the processes that a trial of the cell would start. Values known
// only in a trial are in capitals.
func (l *Local) DryRun(_ context.Context, spec Spec) error {
	show := &tool{name: "bench", dry: l.Dry}
	addr := spec.Cell.Command
	switch spec.Cell.Kind {
	case result.KindMode:
		addr = "127.0.0.1:PORT"
		show.print("", append(serverArgs(spec, "127.0.0.1:0"), "--use=false"))
	case result.KindExec:
		addr = "127.0.0.1:PORT"
		fmt.Fprintln(l.Dry, spec.Cell.Command)
	}
	args, err := shownArgs(spec, addr)
	if err != nil {
		return err
	}
	n := replicas(spec.Cell)
	for i := range n {
		show.print("", append(args[:len(args):len(args)], "--barrier=stdin", "--replica="+Part{i, n}.String()))
	}
	return nil
}

// DryRun prints the commands that a trial of the cell would run. Values known
// only in a trial are in capitals.
func (c *Containers) DryRun(ctx context.Context, spec Spec) error {
	p := c.platform
	addr := spec.Cell.Command
	var server job
	if spec.Cell.Kind == result.KindMode {
		server = c.job("server", spec, serverArgs(spec, p.listen()), 0)
		err := errors.Join(p.start(ctx, server), p.logs(ctx, server, 0, true, nil))
		if err != nil {
			return err
		}
		host, _, _ := net.SplitHostPort(p.listen())
		if net.ParseIP(host) == nil { // an address that only the platform knows
			host = "HOST"
		}
		if addr, err = p.dial(ctx, server, net.JoinHostPort(host, "PORT")); err != nil {
			return err
		}
	}
	n := replicas(spec.Cell)
	args, err := shownArgs(spec, addr)
	if err != nil {
		return err
	}
	args = append(args, partFromEnv(n))
	switch c.cfg.Coordinator {
	case "":
		args = append(args, "--barrier=tcp:HOST:PORT")
	case CoordinatorNone:
		args = append(args, "--sm=TIME")
	default:
		args = append(args, "--barrier=tcp:"+c.cfg.Coordinator)
	}
	clients := c.job("client", spec, args, n)
	if c.cfg.Coordinator != CoordinatorNone {
		clients.token = shownToken
	}
	err = errors.Join(p.start(ctx, clients), p.logs(ctx, clients, every, false, nil), p.remove(ctx, clients))
	if server.name != "" {
		err = errors.Join(err, p.stop(ctx, server), p.remove(ctx, server))
	}
	return err
}

// shownArgs is clientArgs with a placeholder for a rate that only the run knows.
func shownArgs(spec Spec, addr string) ([]string, error) {
	unknown := spec.Cell.Rate == 0 && (spec.Cell.RateShare > 0 || spec.Cell.SLO != "")
	if unknown {
		spec.Cell.Rate = 1 // any: replaced below
	}
	args, err := clientArgs(spec, addr)
	for i, arg := range args {
		if name, _, _ := strings.Cut(arg, "="); unknown && name == "--rate" {
			args[i] = name + "=RATE"
		}
	}
	return args, err
}
