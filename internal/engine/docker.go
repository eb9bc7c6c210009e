//go:build linux

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"c1m/internal/affinity"
)

// docker is the platform of docker run.
type docker struct {
	tool *tool
	cfg  ContainerConfig
}

// bridgePort is the port of a server in its own network.
const bridgePort = "8972"

func (d *docker) check(ctx context.Context) error { return dockerAnswers(ctx, d.tool) }

// dockerAnswers checks whether docker's daemon answers.
func dockerAnswers(ctx context.Context, t *tool) error {
	if t.dry != nil {
		return nil
	}
	if _, err := t.run(ctx, "version", "--format", "{{.Server.Version}}"); err != nil {
		return fmt.Errorf("no Docker engine answers (%w): start one, or choose another with DOCKER_HOST or docker context", err)
	}
	return nil
}

// network returns the name of the run's network.
func network(run string) string { return plainName("c1m-" + run) }

func (d *docker) prepare(ctx context.Context) error {
	if d.cfg.Network != NetworkBridge {
		return nil
	}
	_, err := d.tool.order(ctx, "", "network", "create", "--label", label, "--label", labelRun+"="+d.cfg.Run, network(d.cfg.Run))
	return err
}

func (d *docker) listen() string {
	if d.cfg.Network == NetworkBridge {
		return ":" + bridgePort
	}
	return "127.0.0.1:0"
}

// dial returns the server's address on the host's network; on the run's own
// network, the name of its container.
func (d *docker) dial(_ context.Context, j job, listens string) (string, error) {
	if d.cfg.Network == NetworkBridge {
		return j.container(0) + ":" + bridgePort, nil
	}
	return listens, nil
}

func (d *docker) harness(ctx context.Context, _ string) (string, error) {
	if d.cfg.Network != NetworkBridge {
		return "127.0.0.1:0", nil
	}
	output, err := d.tool.run(ctx, "network", "inspect", "--format", "{{range .IPAM.Config}}{{println .Gateway}}{{end}}", network(d.cfg.Run))
	if err != nil {
		return "", err
	}
	gateways := strings.Fields(output) // one for each family of addresses
	if len(gateways) == 0 {
		return "", errors.New("the bridge has no gateway, which would be this machine's address on it: set -coordinator HOST:PORT, or none")
	}
	return net.JoinHostPort(gateways[0], "0"), nil
}

func (d *docker) start(ctx context.Context, j job) error {
	return d.tool.each(j.size(), func(i int) error {
		_, err := d.tool.order(ctx, tokenEnv(j), d.runArgs(j, i)...)
		return d.explain(err)
	})
}

// tokenEnv returns the variables file with a container's token. It is passed on
// standard input, because every user can read arguments.
func tokenEnv(j job) string {
	if j.token == "" {
		return ""
	}
	return TokenVariable + "=" + j.token + "\n"
}

// runArgs returns the arguments that start one container of a job.
func (d *docker) runArgs(j job, index int) []string {
	args := []string{"run", "--detach", "--name", j.container(index)}
	args = append(args, d.labels(j)...)
	for _, l := range j.metrics.labels(index) {
		args = append(args, "--label", l[0]+"="+l[1])
	}
	args = append(args, "--network")
	if d.cfg.Network == NetworkBridge {
		// A separate network has its own settings.
		args = append(args, network(d.cfg.Run), "--sysctl", "net.core.somaxconn=65535", "--sysctl", "net.ipv4.ip_local_port_range=1024 65535")
	} else {
		args = append(args, "host")
	}
	args = append(args, "--read-only", "--user", "65534:65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"--log-driver", "json-file") // docker logs can read its logs
	if d.cfg.Descriptors > 0 {
		args = append(args, "--ulimit", "nofile="+strconv.Itoa(d.cfg.Descriptors))
	}
	if len(j.cpus) > 0 {
		args = append(args, "--cpuset-cpus", affinity.List(j.cpus))
	}
	if j.replicas > 0 {
		args = append(args, "--env", IndexVariable+"="+strconv.Itoa(index))
	}
	if j.token != "" {
		args = append(args, "--env-file", "/dev/stdin")
	}
	return slices.Concat(args, []string{d.cfg.Image}, j.args, j.metrics.args(index))
}

func (d *docker) labels(j job) []string {
	return []string{"--label", label, "--label", labelRun + "=" + j.run, "--label", labelJob + "=" + j.name}
}

// explain adds the fix to known errors at the start of a container.
func (d *docker) explain(err error) error {
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "rlimit"):
		return fmt.Errorf("-nofile %d exceeds the hard limit of the engine's host (ulimit -Hn): %w", d.cfg.Descriptors, err)
	case strings.Contains(err.Error(), "Unable to find image"), strings.Contains(err.Error(), "No such image"):
		return fmt.Errorf("no image %s: build it (scripts/image.sh %s), or choose another with -image: %w", d.cfg.Image, d.cfg.Image, err)
	}
	return err
}

// watch reads the engine's events, which costs nothing while there are none.
func (d *docker) watch(ctx context.Context, j job, ended func(int, string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	left := make(map[string]int, j.size())
	for i := range j.size() {
		left[j.container(i)] = i
	}
	err := d.tool.stream(ctx, func(line string) {
		name, code, _ := strings.Cut(line, " ")
		index, known := left[name]
		if !known {
			return
		}
		delete(left, name)
		n, _ := strconv.Atoi(code)
		ended(index, exitText(n))
		if len(left) == 0 {
			cancel()
		}
	}, "events", "--since", "1m", "--filter", "label="+labelJob+"="+j.name, "--filter", "event=die",
		"--format", "{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}")
	if len(left) == 0 {
		return nil
	}
	if err == nil {
		err = errors.New("docker events ended")
	}
	return err
}

func (d *docker) logs(ctx context.Context, j job, index int, follow bool, line func(string)) error {
	one := func(i int, line func(string)) error {
		args := []string{"logs"}
		if follow {
			args = append(args, "--follow")
		}
		return d.tool.stream(ctx, line, append(args, j.container(i))...)
	}
	if index != every {
		return one(index, line)
	}
	var mu sync.Mutex
	return d.tool.each(j.size(), func(i int) error {
		return one(i, func(text string) {
			mu.Lock()
			defer mu.Unlock()
			line(text)
		})
	})
}

func (d *docker) stop(ctx context.Context, j job) error {
	_, err := d.tool.run(ctx, "stop", "--time", strconv.Itoa(int(grace.Seconds())), j.container(0))
	return err
}

func (d *docker) remove(ctx context.Context, j job) error {
	return d.removeBy(ctx, labelJob+"="+j.name)
}

// removeBy removes the containers with a label.
func (d *docker) removeBy(ctx context.Context, which string) error {
	return d.tool.removeListed(ctx, []string{"ps", "--all", "--format", "{{.Names}}", "--filter", "label=" + which}, []string{"rm", "--force"})
}

func (d *docker) clean(ctx context.Context, run string) error {
	which := label
	if run != "" {
		which = labelRun + "=" + run
	}
	return cmp.Or(d.removeBy(ctx, which), d.removeNetworks(ctx, which))
}

// removeNetworks removes the networks with a label. A network may be in use for a
// moment after its last container has exited.
func (d *docker) removeNetworks(ctx context.Context, which string) error {
	for tries := 1; ; tries++ {
		err := d.tool.removeListed(ctx, []string{"network", "ls", "--format", "{{.Name}}", "--filter", "label=" + which}, []string{"network", "rm"})
		if err == nil || !inUse(err) || tries == 10 || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Second)
	}
}

// inUse reports whether a network could not be removed because containers or
// tasks use it.
func inUse(err error) bool {
	return strings.Contains(err.Error(), "active endpoints") || strings.Contains(err.Error(), "in use")
}
