//go:build linux

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"c1m/internal/wait"
)

// kubernetes is the platform of kubectl, with the user's current context and
// namespace: a server is a pod, replicas are an Indexed Job.
type kubernetes struct {
	tool   *tool
	cfg    ContainerConfig
	server string // the name of the server's pod; empty if there is none

	mu    sync.Mutex
	waits map[string]map[int]string // by job: why its pods have not started
}

// check verifies that the cluster answers, and that the user may create jobs.
func (k *kubernetes) check(ctx context.Context) error {
	if k.tool.dry != nil {
		return nil
	}
	may, err := k.tool.run(ctx, "auth", "can-i", "create", "jobs.batch", "--request-timeout=15s")
	switch {
	case strings.HasPrefix(may, "no"):
		return errors.New("this user may not create jobs in this namespace of the cluster: choose another with kubectl config set-context --current --namespace=NAME")
	case err != nil:
		return fmt.Errorf("no usable cluster (%w): choose one with kubectl config use-context", err)
	}
	return nil
}

func (k *kubernetes) hostNetwork() bool { return k.cfg.Network != NetworkBridge }

// prepare does nothing: a cluster has its own network.
func (k *kubernetes) prepare(context.Context) error { return nil }

func (k *kubernetes) listen() string {
	if k.hostNetwork() {
		return "[$(" + addressVariable + ")]:0" // the kubelet fills in the address
	}
	return ":" + bridgePort
}

// dial returns the address that the server reports, or its service.
func (k *kubernetes) dial(ctx context.Context, j job, listens string) (string, error) {
	if k.hostNetwork() {
		return listens, nil
	}
	ip, err := k.tool.run(ctx, "get", "service", j.name, "-o=jsonpath={.spec.clusterIP}")
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(cmp.Or(ip, "SERVICE"), bridgePort), nil
}

// harness returns the address from which this machine reaches the server's node,
// or a server that is not one of our pods. Only an attempt shows whether pods can
// reach that address in turn.
func (k *kubernetes) harness(ctx context.Context, server string) (string, error) {
	if k.server != "" {
		node, err := k.tool.run(ctx, "get", "pod", k.server, "-o=jsonpath={.status.hostIP}")
		if err != nil {
			return "", err
		}
		server = net.JoinHostPort(node, "9")
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", server) // sends nothing
	if err != nil {
		return "", fmt.Errorf("no route to %s: %w", server, err)
	}
	defer conn.Close()
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	return net.JoinHostPort(host, "0"), err
}

// start uses create and not apply: existing objects with the same name are not
// ours to change.
func (k *kubernetes) start(ctx context.Context, j job) error {
	if j.replicas == 0 {
		k.server = j.name
	}
	m := manifest{job: j, image: k.cfg.Image, host: k.hostNetwork()}
	_, err := k.tool.order(ctx, render(m.objects()), "create", "-f", "-")
	return err
}

// watch reports pods that end, and those that cannot start.
func (k *kubernetes) watch(ctx context.Context, j job, ended func(index int, how string)) error {
	left := make(map[int]bool, j.size())
	for i := range j.size() {
		left[i] = true
	}
	return k.pods(ctx, j, func(e podEvent) bool {
		at, why := e.Object.progress()
		k.note(j, max(0, e.Object.index()), at, why)
		if e.Type == "DELETED" && at < podDone {
			at, why = podFailed, "its pod was deleted"
		}
		if i := max(0, e.Object.index()); at >= podDone && left[i] {
			delete(left, i)
			ended(i, why)
		}
		return len(left) > 0
	})
}

// note records why a pod waits, while it waits.
func (k *kubernetes) note(j job, index int, at podProgress, why string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waits == nil {
		k.waits = map[string]map[int]string{}
	}
	if k.waits[j.name] == nil {
		k.waits[j.name] = map[int]string{}
	}
	delete(k.waits[j.name], index)
	if at == podWaits {
		k.waits[j.name][index] = why
	}
}

// waiting returns the number of waiting pods of a job, and the reason of one.
func (k *kubernetes) waiting(j job) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	waits := k.waits[j.name]
	if len(waits) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d pods wait: %s", len(waits), j.size(), waits[slices.Min(slices.Collect(maps.Keys(waits)))])
}

// pods passes the events of a job's pods to more until that returns false. A
// cluster ends a watch after a while; it is then started again.
func (k *kubernetes) pods(ctx context.Context, j job, more func(podEvent) bool) error {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for {
		r, w := io.Pipe()
		decoded := make(chan error, 1)
		go func() {
			err := watchPods(r, func(e podEvent) {
				if !more(e) {
					cancel(enough)
				}
			})
			_ = r.CloseWithError(err) // the next write fails, and none blocks
			decoded <- err
		}()
		err := k.tool.start(ctx, "", func(line string) { _, _ = io.WriteString(w, line+"\n") }, nil,
			[]string{"get", "pods", "-l", labelJob + "=" + j.name, "-o=json", "--watch", "--output-watch-events"})
		w.Close()
		err = cmp.Or(<-decoded, err)
		switch {
		case context.Cause(ctx) == enough || k.tool.dry != nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		if err := wait.For(ctx, time.Second); err != nil {
			return err
		}
	}
}

// logs waits for the pods before it follows their logs: kubectl fails for a pod
// that has not started.
func (k *kubernetes) logs(ctx context.Context, j job, index int, follow bool, line func(string)) error {
	selector := labelJob + "=" + j.name
	args := []string{"logs", "-l", selector, "--tail=-1", "--max-log-requests=" + strconv.Itoa(j.size())}
	if j.replicas > 0 && index != every {
		args[2] += "," + indexLabel + "=" + strconv.Itoa(index)
	}
	if follow {
		args = append(args, "--follow")
		begun := map[string]bool{}
		err := k.pods(ctx, j, func(e podEvent) bool {
			if at, _ := e.Object.progress(); at != podWaits {
				begun[e.Object.Metadata.Name] = true
			}
			return len(begun) < j.size()
		})
		if err != nil {
			return err
		}
	}
	return k.tool.start(ctx, "", line, nil, args)
}

// stop deletes the server's pod, which receives SIGTERM and has 30 seconds. Its
// logs can be followed until it has exited; then they are gone.
func (k *kubernetes) stop(ctx context.Context, j job) error {
	_, err := k.tool.run(ctx, "delete", "pod", j.name, "--ignore-not-found", "--timeout=50s")
	return err
}

func (k *kubernetes) remove(ctx context.Context, j job) error {
	if j.name == k.server {
		k.server = ""
	}
	return k.delete(ctx, labelJob+"="+j.name)
}

func (k *kubernetes) clean(ctx context.Context, run string) error {
	if run == "" {
		return k.delete(ctx, label)
	}
	return k.delete(ctx, labelRun+"="+run)
}

// delete removes the objects of a selector, and waits until they are gone: jobs
// first, so that they create no more pods.
func (k *kubernetes) delete(ctx context.Context, selector string) error {
	output, err := k.tool.run(ctx, "delete", "jobs,pods,services,secrets", "-l", selector, "--grace-period=5", "--timeout=50s", "--output=name")
	k.tool.mu.Lock()
	defer k.tool.mu.Unlock()
	k.tool.removed = append(k.tool.removed, strings.Fields(output)...)
	return err
}
