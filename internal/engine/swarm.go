//go:build linux

package engine

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// swarm is the platform of docker service: a service for the server, a
// replicated job for the replicas.
type swarm struct {
	docker // for tool, names and labels

	nodes int // of the swarm; with only one, all traffic is on loopback
}

// watchEvery is how often a swarm is asked for the state of a service: it sends no
// events from other nodes.
const watchEvery = 2 * time.Second

// check verifies that docker talks to a manager of a swarm.
func (s *swarm) check(ctx context.Context) error {
	s.nodes = 1
	if s.tool.dry != nil {
		return nil
	}
	if err := dockerAnswers(ctx, s.tool); err != nil {
		return err
	}
	output, err := s.tool.run(ctx, "info", "--format", "{{.Swarm.ControlAvailable}} {{.Swarm.Nodes}}")
	if err != nil {
		return err
	}
	manager, nodes, _ := strings.Cut(output, " ")
	if manager != "true" {
		return errors.New("this Docker engine is not a manager of a swarm: run docker swarm init, or choose another with docker context")
	}
	if n, err := strconv.Atoi(nodes); err == nil {
		s.nodes = n
	}
	return nil
}

func (s *swarm) prepare(ctx context.Context) error {
	if s.cfg.Network != NetworkBridge {
		return nil
	}
	_, err := s.tool.order(ctx, "", "network", "create", "--driver", "overlay", "--label", label, "--label", labelRun+"="+s.cfg.Run, network(s.cfg.Run))
	return err
}

func (s *swarm) listen() string {
	switch {
	case s.cfg.Network == NetworkBridge:
		return ":" + bridgePort
	case s.nodes > 1:
		return ":0"
	}
	return "127.0.0.1:0"
}

// dial returns the server's address on its node; on the run's own network, the
// name of its service.
func (s *swarm) dial(ctx context.Context, j job, listens string) (string, error) {
	switch {
	case s.cfg.Network == NetworkBridge:
		return j.name + ":" + bridgePort, nil
	case s.nodes == 1:
		return listens, nil
	}
	_, port, err := net.SplitHostPort(listens)
	if err != nil {
		return "", err
	}
	node, err := s.tool.run(ctx, "service", "ps", "--format", "{{.Node}}", j.name)
	if err != nil {
		return "", err
	}
	addr, err := s.tool.run(ctx, "node", "inspect", "--format", "{{.Status.Addr}}", node)
	return net.JoinHostPort(addr, port), err
}

func (s *swarm) harness(context.Context, string) (string, error) {
	if s.cfg.Network == NetworkBridge || s.nodes > 1 {
		return "", errors.New("it is unknown at which address the swarm's nodes reach this machine: set -coordinator HOST:PORT, or none")
	}
	return "127.0.0.1:0", nil
}

func (s *swarm) start(ctx context.Context, j job) error {
	if j.token != "" {
		args := append([]string{"secret", "create"}, s.labels(j)...)
		if _, err := s.tool.order(ctx, j.token, append(args, j.name, "-")...); err != nil {
			return err
		}
	}
	_, err := s.tool.order(ctx, "", s.createArgs(j)...)
	return s.explain(err)
}

// createArgs returns the arguments that create a job's service.
func (s *swarm) createArgs(j job) []string {
	args := []string{"service", "create", "--detach", "--quiet", "--no-resolve-image", "--name", j.name}
	args = append(args, s.labels(j)...)
	for _, l := range []string{label, labelRun + "=" + j.run, labelJob + "=" + j.name} {
		args = append(args, "--container-label", l)
	}
	for _, l := range j.metrics.labels(0) { // all tasks have the same
		args = append(args, "--container-label", l[0]+"="+l[1])
	}
	if j.replicas > 0 {
		args = append(args, "--mode", "replicated-job", "--replicas", strconv.Itoa(j.replicas), "--max-concurrent", strconv.Itoa(j.replicas),
			"--env", IndexVariable+"={{.Task.Slot}}")
	} else {
		args = append(args, "--replicas", "1")
	}
	if j.token != "" {
		args = append(args, "--secret", "source="+j.name+",target=c1m-token,uid=65534,gid=65534,mode=0400",
			"--env", TokenFileVariable+"=/run/secrets/c1m-token")
	}
	args = append(args, "--restart-condition", "none", "--network")
	if s.cfg.Network == NetworkBridge {
		// The name resolves to the server's own address, without a load balancer.
		args = append(args, network(s.cfg.Run), "--endpoint-mode", "dnsrr",
			"--sysctl", "net.core.somaxconn=65535", "--sysctl", "net.ipv4.ip_local_port_range=1024 65535")
	} else {
		args = append(args, "host")
	}
	args = append(args, "--read-only", "--user", "65534:65534", "--cap-drop", "ALL", "--log-driver", "json-file")
	if s.cfg.Descriptors > 0 {
		args = append(args, "--ulimit", "nofile="+strconv.Itoa(s.cfg.Descriptors))
	}
	return slices.Concat(args, []string{s.cfg.Image}, j.args, j.metrics.args(0))
}

// watch polls the state of the tasks.
func (s *swarm) watch(ctx context.Context, j job, ended func(int, string)) error {
	known := make([]bool, j.size())
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for begun := false; ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		tasks, err := s.tool.run(ctx, "service", "ps", "--no-trunc", "--format", "{{.Name}}|{{.CurrentState}}|{{.Error}}", j.name)
		switch {
		case err != nil && !begun && strings.Contains(err.Error(), "no such service"):
			continue // it is about to be created
		case err != nil:
			return err
		}
		left := 0
		states := taskStates(tasks, j)
		for i := range known {
			state := states[i]
			if !known[i] && (state.ended || begun && j.replicas == 0 && tasks == "") { // a task that was scaled away is forgotten
				known[i] = true
				ended(i, s.explained(state.how))
			}
			if !known[i] {
				left++
			}
		}
		if left == 0 {
			return nil
		}
		begun = begun || tasks != ""
	}
}

// explained is explain for the end of a task.
func (s *swarm) explained(how string) string {
	if how == "" {
		return ""
	}
	return s.explain(errors.New(how)).Error()
}

// taskState is the state of a task.
type taskState struct {
	ended bool
	how   string // empty if it completed
}

// taskStates parses a list of NAME|STATE SINCE|ERROR, the newest attempt of each
// task first; failed attempts may be retried.
func taskStates(list string, j job) map[int]taskState {
	states := make(map[int]taskState)
	for line := range strings.SplitSeq(list, "\n") {
		name, rest, _ := strings.Cut(line, "|")
		current, why, _ := strings.Cut(rest, "|")
		slot, ours := strings.CutPrefix(name, j.name+".")
		if !ours {
			continue
		}
		index := 0
		if j.replicas > 0 {
			index = slotIndex(slot)
		}
		state, _, _ := strings.Cut(current, " ")
		switch state {
		case "Failed", "Rejected", "Orphaned":
			how := strings.Trim(why, `"`)
			if how == "" {
				how = strings.ToLower(state)
			}
			states[index] = taskState{true, how}
		case "Complete", "Shutdown", "Remove":
			if !states[index].ended {
				states[index] = taskState{true, ""}
			}
		}
	}
	return states
}

// waiting returns why tasks have not started: unsuitable nodes, or a missing
// image.
func (s *swarm) waiting(j job) string {
	ctx, cancel := removing()
	defer cancel()
	tasks, err := s.tool.run(ctx, "service", "ps", "--no-trunc", "--format", "{{.Error}}", j.name)
	if err != nil {
		return err.Error()
	}
	why, _, _ := strings.Cut(strings.TrimSpace(tasks), "\n")
	return strings.Trim(why, `"`)
}

// slotIndex returns the index of a replicated job's slot. Slots count from 0, but
// in names and templates docker writes the node's id instead of 0.
func slotIndex(slot string) int {
	n, err := strconv.Atoi(slot)
	if err != nil {
		return 0
	}
	return n
}

// logs cannot select one of a job's tasks.
func (s *swarm) logs(ctx context.Context, j job, _ int, follow bool, line func(string)) error {
	args := []string{"service", "logs", "--raw"}
	if follow {
		args = append(args, "--follow")
	}
	return s.tool.stream(ctx, line, append(args, j.name)...)
}

func (s *swarm) stop(ctx context.Context, j job) error {
	_, err := s.tool.run(ctx, "service", "scale", "--detach", j.name+"=0")
	return err
}

func (s *swarm) remove(ctx context.Context, j job) error {
	return s.removeServices(ctx, labelJob+"="+j.name)
}

// removeServices removes the services with a label, their secrets, and what their tasks leave
// on this node: a job's containers outlive it.
func (s *swarm) removeServices(ctx context.Context, which string) error {
	err := s.tool.removeListed(ctx, []string{"service", "ls", "--format", "{{.Name}}", "--filter", "label=" + which}, []string{"service", "rm"})
	secrets := s.tool.removeListed(ctx, []string{"secret", "ls", "--format", "{{.Name}}", "--filter", "label=" + which}, []string{"secret", "rm"})
	return cmp.Or(err, secrets, s.removeBy(ctx, which))
}

func (s *swarm) clean(ctx context.Context, run string) error {
	which := label
	if run != "" {
		which = labelRun + "=" + run
	}
	return cmp.Or(s.removeServices(ctx, which), s.removeNetworks(ctx, which))
}
