//go:build linux

package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"c1m/internal/engine/enginetest"
)

// expect waits until a query has one value, the one that is wanted; nil: any above 0.
func (p prometheus) expect(t *testing.T, query string, want *float64) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		all := p.ask(t, "/api/v1/query", url.Values{"query": {query}})
		if len(all) == 1 && len(all[0]) == 1 && (want == nil && all[0][0].value > 0 || want != nil && all[0][0].value == *want) {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%s is %v\ntargets: %s", query, all, get(t, "http://"+p.address+"/api/v1/targets"))
		}
	}
}

// expectRun waits until a load of so many replicas and connections is seen from both sides, and
// nothing else is scraped. selector chooses its series.
func (p prometheus) expectRun(t *testing.T, selector string, replicas, conns float64) {
	t.Helper()
	p.expect(t, "count(up == 1)", new(replicas+1))
	p.expect(t, "count(up)", new(replicas+1))
	p.expect(t, "count(c1m_server_info"+selector+")", new(1.0))
	p.expect(t, "count(c1m_client_info"+selector+")", &replicas)
	p.expect(t, "sum(c1m_server_open_connections"+selector+")", &conns)
	p.expect(t, "sum(c1m_client_open_connections"+selector+")", &conns)
	p.expect(t, "count(rate(c1m_client_round_trips_total"+selector+"[5s]) > 0)", &replicas) // each replica's
	p.expect(t, "rate(c1m_server_messages_total"+selector+"[5s])", nil)
	p.expect(t, "rate(c1m_server_cpu_seconds_total"+selector+"[5s])", nil)
	p.expect(t, "histogram_quantile(0.99, sum by (le) (rate(c1m_client_latency_seconds_bucket"+selector+"[5s])))", nil)
}

// dockerSocket is where contrib/prometheus-docker.yml expects the Docker engine.
const dockerSocket = "/var/run/docker.sock"

// Prometheus, started with the file of contrib, finds every server and replica in containers,
// and has their metrics while the run goes on.
func TestPrometheusFindsContainers(t *testing.T) {
	if _, err := exec.LookPath("prometheus"); err != nil {
		t.Skip("no prometheus (Debian's package prometheus)")
	}
	if host := os.Getenv("DOCKER_HOST"); host != "" && host != "unix://"+dockerSocket {
		t.Skipf("the Docker engine is at %s: prometheus-docker.yml looks for it at %s", host, dockerSocket)
	}
	image := enginetest.Image(t)
	for _, network := range []string{"host", "bridge"} {
		t.Run(network, func(t *testing.T) {
			p := startPrometheus(t, contribution(t, "prometheus-docker.yml", nil))
			file := filepath.Join(t.TempDir(), "run.jsonl")
			bench := startProgram(t, "bench", "run", "-q", "-engine", "docker", "-network", network, "-image", image, "-modes", "epoll",
				"-conns", "30", "-replicas", "2", "-rates", "600", "-rounds", "1", "-warmup", "100ms", "-d", "5m", "-o", file, "-metrics", freePorts(t, 1)[0])
			p.expect(t, "count(up == 1)", new(3.0))
			run := headerOf(t, file).Run
			p.expectRun(t, fmt.Sprintf("{run=%q}", run), 2, 30)
			if list := enginetest.Docker(t, "ps", "--quiet", "--filter", "label=c1m.run="+run); len(strings.Fields(list)) != 3 {
				t.Errorf("containers of the run: %q, want 3", list)
			}
			bench.cmd.Process.Signal(syscall.SIGINT)
			_ = bench.cmd.Wait()
			if code := bench.cmd.ProcessState.ExitCode(); code != exitNoAnswer {
				t.Errorf("the run ended with exit code %d before it was interrupted: %s", code, &bench.stdout)
			}
			enginetest.NothingLeft(t, run)
		})
	}
}

// podList is what kubectl says about pods, as far as Prometheus uses it.
type podList struct {
	Items []struct {
		Metadata struct {
			Name, Namespace     string
			Labels, Annotations map[string]string
		}
		Spec struct {
			Containers []struct {
				Ports []struct{ ContainerPort int }
			}
		}
		Status struct{ PodIP string }
	}
}

// targetGroup is an element of a file that Prometheus reads targets from.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// targets returns what kubernetes_sd_configs would find with the role pod: a target for each
// port that a pod declares, or one without a port, with meta labels.
//
// See https://prometheus.io/docs/prometheus/latest/configuration/configuration/#pod.
func (l podList) targets() []targetGroup {
	unsafe := regexp.MustCompile(`[^a-zA-Z0-9_]`)
	var groups []targetGroup
	for _, pod := range l.Items {
		g := targetGroup{Labels: map[string]string{
			"__meta_kubernetes_namespace": pod.Metadata.Namespace,
			"__meta_kubernetes_pod_name":  pod.Metadata.Name,
			"__meta_kubernetes_pod_ip":    pod.Status.PodIP,
		}}
		for kind, list := range map[string]map[string]string{"label": pod.Metadata.Labels, "annotation": pod.Metadata.Annotations} {
			for name, value := range list {
				name = unsafe.ReplaceAllString(name, "_")
				g.Labels["__meta_kubernetes_pod_"+kind+"_"+name] = value
				g.Labels["__meta_kubernetes_pod_"+kind+"present_"+name] = "true"
			}
		}
		for _, c := range pod.Spec.Containers {
			for _, port := range c.Ports {
				g.Targets = append(g.Targets, fmt.Sprintf("%s:%d", pod.Status.PodIP, port.ContainerPort))
			}
		}
		if len(g.Targets) == 0 {
			g.Targets = []string{pod.Status.PodIP}
		}
		groups = append(groups, g)
	}
	return groups
}

// fromFile returns the configuration for pods with their discovery replaced by a file: Debian's
// Prometheus is built without Kubernetes. The rules that choose targets are unchanged.
func fromFile(t *testing.T, file string) string {
	t.Helper()
	return contribution(t, "prometheus-kubernetes.yml", map[string]string{
		"kubernetes_sd_configs:\n      - role: pod\n": "file_sd_configs:\n      - files: [" + file + "]\n",
	})
}

// Pods of a real cluster become the targets that their annotations describe, by the rules of
// contrib, and Prometheus has their metrics. The pods are those that bench run would create, but on
// the host's network and loopback, because the cluster has no other. A Prometheus that is built
// with Kubernetes finds them by itself; one that is not is given what that would find, and a pod
// without annotations, which is no target.
func TestKubernetesPrometheus(t *testing.T) {
	realCluster(t)
	ports := freePorts(t, 3)
	echo, metrics := ports[0], ports[1:]
	code, out, said := bench(t, "run", "-engine", "kubernetes", "-network", "bridge", "-metrics", metrics[0], "-modes", "epoll",
		"-conns", "20", "-rates", "400", "-warmup", "100ms", "-d", "5m", "-coordinator", "none", "-start-after", "20s", "-dry-run")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, said)
	}
	var manifests []string
	for _, part := range strings.Split(out, "<<'EOF'\n")[1:] {
		manifest, _, _ := strings.Cut(part, "\nEOF\n")
		manifests = append(manifests, manifest)
	}
	if len(manifests) != 2 {
		t.Fatalf("%d manifests: %s", len(manifests), out)
	}
	change := func(i int, pattern, by string) {
		expression := regexp.MustCompile(pattern)
		if n := len(expression.FindAllString(manifests[i], -1)); n != 1 {
			t.Fatalf("%d of %s, want one: %s", n, pattern, manifests[i])
		}
		manifests[i] = expression.ReplaceAllString(manifests[i], by)
	}
	for i, port := range metrics {
		change(i, `"restartPolicy": "Never"`, `$0, "hostNetwork": true`)
		change(i, `--metrics=0\.0\.0\.0:\d+`, "--metrics=127.0.0.1:"+port)
		change(i, `("prometheus\.io/port": )"\d+"`, `$1"`+port+`"`)
	}
	change(0, `--addr=:8972`, "--addr=127.0.0.1:"+echo)
	change(0, `"containerPort": 8972`, `"containerPort": `+echo)
	change(1, `--ip=SERVICE`, "--ip=127.0.0.1")
	change(1, `--port=8972`, "--port="+echo)
	change(1, `\s*"--sm=TIME",`, "")
	change(1, `(?s),\s*"sysctls": \[.*?\]`, "") // a host's are not a pod's to set
	run := regexp.MustCompile(`"c1m\.run": "([^"]+)"`).FindStringSubmatch(manifests[0])[1]
	t.Cleanup(func() {
		kubectl(t, "", "delete", "jobs,pods,services", "-l", "c1m.run="+run, "--grace-period=1", "--timeout=50s")
	})
	for _, manifest := range manifests {
		kubectl(t, manifest, "create", "-f", "-")
		kubectl(t, "", "wait", "pods", "-l", "c1m.run="+run, "--for=create", "--timeout=60s")
		kubectl(t, "", "wait", "pods", "-l", "c1m.run="+run, "--for=condition=Ready", "--timeout=60s")
	}
	for limit := time.Now().Add(time.Minute); strings.Count(kubectl(t, "", "get", "pods", "-l", "c1m.run="+run, "--field-selector=status.phase=Running", "-o", "name"), "pod/") < 2; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not 2 pods: %s", kubectl(t, "", "get", "pods", "-l", "c1m.run="+run))
		}
	}
	var pods podList
	if err := json.Unmarshal([]byte(kubectl(t, "", "get", "pods", "-o", "json")), &pods); err != nil {
		t.Fatal(err)
	}
	groups := append(pods.targets(), targetGroup{[]string{"127.0.0.1:1"}, map[string]string{"__meta_kubernetes_pod_ip": "127.0.0.1", "__meta_kubernetes_pod_label_c1m": "server"}})
	text, err := json.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pods.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	config := fromFile(t, file)
	if _, err := checkConfig(t, filepath.Join(contrib, "prometheus-kubernetes.yml")); err == nil {
		config = contribution(t, "prometheus-kubernetes.yml", map[string]string{
			"- role: pod\n": "- role: pod\n        kubeconfig_file: " + os.Getenv("KUBECONFIG") + "\n",
		})
	}
	p := startPrometheus(t, config)
	p.expectRun(t, "", 1, 20)
	for _, pod := range pods.Items {
		if slices.Contains([]string{"server", "client"}, pod.Metadata.Labels["c1m"]) {
			p.expect(t, fmt.Sprintf("count(up{program=%q, pod=%q})", pod.Metadata.Labels["c1m"], pod.Metadata.Name), new(1.0))
		}
	}
}
