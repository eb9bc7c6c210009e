//go:build linux

package engine

import (
	"fmt"
	"slices"
	"testing"
)

func TestScraped(t *testing.T) {
	for _, c := range []struct {
		addr, network   string
		replicas, index int
		args            string
	}{
		{"", NetworkHost, 3, 0, "[]"},
		{"127.0.0.1:9100", NetworkHost, 0, 0, "[--metrics=127.0.0.1:9101]"},
		{"127.0.0.1:9100", NetworkHost, 3, 0, "[--metrics=127.0.0.1:9102]"},
		{"[::1]:9100", NetworkHost, 3, 2, "[--metrics=[::1]:9104]"},
		{"127.0.0.1:9100", NetworkBridge, 0, 0, "[--metrics=0.0.0.0:9100]"},
		{"127.0.0.1:9100", NetworkBridge, 3, 2, "[--metrics=0.0.0.0:9100]"},
	} {
		s, err := scrapedOf(c.addr, c.network, c.replicas)
		if got := fmt.Sprint(s.args(c.index)); err != nil || got != c.args {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
		if got := len(s.labels(c.index)); (got > 0) != (c.addr != "") {
			t.Errorf("%+v: %d labels", c, got)
		}
	}
	if _, err := scrapedOf("127.0.0.1:65530", NetworkHost, 10); err == nil {
		t.Error("a port above 65535")
	}
}

// Pods have annotations, and each replica's container on a host its own port.
func TestJobsAreScraped(t *testing.T) {
	metrics, err := scrapedOf("127.0.0.1:9100", NetworkBridge, 2)
	if err != nil {
		t.Fatal(err)
	}
	m := manifest{job: job{name: "c1m-r-1-client", run: "r", args: []string{"client"}, replicas: 2, metrics: metrics}, image: "c1m"}
	pods := m.clients().Spec.(jobSpec).Template
	if got := pods.Metadata.Annotations["prometheus.io/port"]; got != "9100" {
		t.Errorf("a pod's annotations are %v", pods.Metadata.Annotations)
	}
	if got := pods.Spec.Containers[0].Args; !slices.Equal(got, []string{"client", "--metrics=0.0.0.0:9100"}) {
		t.Errorf("a pod is started with %q", got)
	}
	if m.clients().Metadata.Annotations != nil || m.service().Metadata.Annotations != nil {
		t.Error("what is no pod has annotations")
	}
	m.replicas = 0
	if m.server().Metadata.Annotations["prometheus.io/scrape"] != "true" {
		t.Errorf("the server's annotations are %v", m.server().Metadata.Annotations)
	}

	metrics, err = scrapedOf("127.0.0.1:9100", NetworkHost, 2)
	if err != nil {
		t.Fatal(err)
	}
	d := &docker{cfg: ContainerConfig{Image: "c1m", Network: NetworkHost}}
	for index, port := range []string{"9102", "9103"} {
		args := d.runArgs(job{name: "c1m-r-1-client", run: "r", args: []string{"client"}, replicas: 2, metrics: metrics}, index)
		if !slices.Contains(args, "prometheus.io/port="+port) || args[len(args)-1] != "--metrics=127.0.0.1:"+port {
			t.Errorf("replica %d is started with %q", index, args)
		}
	}
}
