//go:build linux

package engine

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// deadline, in seconds, ends pods whose harness was killed and cannot remove
// them: a day, longer than any trial.
const deadline = 24 * 60 * 60

// manifest is a job as Kubernetes objects.
type manifest struct {
	job
	image string
	host  bool // the node's network instead of one for each pod
}

// meta names and labels an object.
func (m manifest) meta() objectMeta {
	what := "server"
	if m.replicas > 0 {
		what = "client"
	}
	return objectMeta{Name: m.name, Labels: map[string]string{label: what, labelRun: m.run, labelJob: m.name}}
}

// annotations returns the annotations of a pod.
func (m manifest) annotations() map[string]string {
	list := m.metrics.labels(0) // all pods have the same
	if len(list) == 0 {
		return nil
	}
	all := make(map[string]string, len(list))
	for _, l := range list {
		all[l[0]] = l[1]
	}
	return all
}

// objects returns all objects of the job.
func (m manifest) objects() []object {
	switch {
	case m.replicas > 0 && m.token != "":
		return []object{m.secret(), m.clients()}
	case m.replicas > 0:
		return []object{m.clients()}
	case m.host:
		return []object{m.server()}
	}
	return []object{m.server(), m.service()}
}

// addressVariable holds the address at which a server's pod is reached; with
// the node's network that is the node's.
const addressVariable = "C1M_ADDRESS"

// server is the server's pod. It is not restarted, so that a server that died is
// noticed. On the node's network the kernel chooses the port, because other runs
// may use that network too.
func (m manifest) server() object {
	c := m.container("server", serverMemory(m.conns))
	if m.host {
		c.Env = []variable{{addressVariable, variableSource{Field: &fieldRef{"status.podIP"}}}}
	} else {
		c.Ports = []port{{Name: "echo", Port: json.Number(bridgePort)}}
	}
	spec := m.pod(c)
	spec.Deadline = deadline
	meta := m.meta()
	meta.Annotations = m.annotations()
	return object{APIVersion: "v1", Kind: "Pod", Metadata: meta, Spec: spec}
}

// service gives a server in its own network an address that replicas reach.
func (m manifest) service() object {
	meta := m.meta()
	return object{APIVersion: "v1", Kind: "Service", Metadata: meta, Spec: serviceSpec{
		Selector: meta.Labels,
		Ports:    []servicePort{{Name: "echo", Port: json.Number(bridgePort)}},
	}}
}

// tokenKey is where the secret has the token.
const tokenKey = "token"

// secret contains the token that the replicas present to the coordinator.
func (m manifest) secret() object {
	return object{APIVersion: "v1", Kind: "Secret", Metadata: m.meta(), StringData: map[string]string{tokenKey: m.token}}
}

// clients is the job whose pods are the replicas. A failed one is not retried,
// because a restarted replica would be another trial.
func (m manifest) clients() object {
	spec := jobSpec{
		CompletionMode: "Indexed", Completions: m.replicas, Parallelism: m.replicas,
		Deadline: deadline, Keep: deadline,
	}
	meta := m.meta()
	spec.Template.Metadata.Labels, spec.Template.Metadata.Annotations = meta.Labels, m.annotations()
	c := m.container("client", clientMemory(m.conns))
	if m.token != "" {
		c.Env = []variable{{TokenVariable, variableSource{Secret: &secretRef{m.name, tokenKey}}}}
	}
	spec.Template.Spec = m.pod(c)
	if !m.host {
		// Each pod has its own ports, and may use nearly all. Every kubelet
		// allows this sysctl; on the node's network it would change the node,
		// and is refused.
		spec.Template.Spec.Security.Sysctls = []sysctl{{"net.ipv4.ip_local_port_range", "1024 65535"}}
	}
	return object{APIVersion: "batch/v1", Kind: "Job", Metadata: meta, Spec: spec}
}

// nobody is the id of the unprivileged user and group.
const nobody = 65534

func (m manifest) pod(c container) podSpec {
	return podSpec{
		RestartPolicy: "Never",
		HostNetwork:   m.host,
		Security: podSecurity{
			NonRoot: true, User: nobody, Group: nobody,
			Seccomp: seccomp{"RuntimeDefault"},
		},
		Containers: []container{c},
	}
}

// literal escapes arguments so that the kubelet, which replaces $(NAME) and turns
// $$ into $, leaves them unchanged; except the address, which it must fill in.
func literal(args []string) []string {
	const address = "$(" + addressVariable + ")"
	list := make([]string, len(args))
	for i, arg := range args {
		list[i] = strings.ReplaceAll(strings.ReplaceAll(arg, "$", "$$"), "$"+address, address)
	}
	return list
}

func (m manifest) container(name string, memory int64) container {
	return container{
		Name: name, Image: m.image, PullPolicy: "IfNotPresent", Args: literal(slices.Concat(m.args, m.metrics.args(0))),
		// The request decides where a pod can run, the limit when it is killed.
		// There is no limit on processor time: it would stop a process for the rest
		// of each period, and the table would show the quota instead of the server.
		Resources: resources{
			Requests: map[string]string{"cpu": "10m", "memory": mebibytes(memory)},
			Limits:   map[string]string{"memory": mebibytes(8 * memory)},
		},
		Security: containerSecurity{
			ReadOnlyRoot: true,
			Capabilities: capabilities{Drop: []string{"ALL"}},
		},
	}
}

// serverMemory returns the memory of a server with conns connections, in bytes: a
// process, and for each connection a socket in the kernel, which is charged to the
// pod, and a goroutine with its buffer.
func serverMemory(conns int) int64 { return 64<<20 + int64(conns)*9<<10 }

// clientMemory is the same for a replica, which keeps 24 bytes per connection
// besides the socket.
func clientMemory(conns int) int64 { return 32<<20 + int64(conns)*5<<10 }

// mebibytes formats bytes for Kubernetes, rounded up.
func mebibytes(n int64) string { return strconv.FormatInt((n+1<<20-1)>>20, 10) + "Mi" }

// render formats objects for kubectl, one after another.
func render(objects []object) string {
	var text strings.Builder
	for _, o := range objects {
		one, err := json.MarshalIndent(o, "", "  ")
		if err != nil {
			panic(err) // plain structs of strings and numbers
		}
		text.Write(append(one, '\n'))
	}
	return text.String()
}
