//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"c1m/internal/hist"
	"c1m/internal/load"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// What a client measured stands in its JSON as numbers, without a histogram
// having to be decoded, and what does not apply as null.
func TestClientJSON(t *testing.T) {
	r := result.Replica{
		Replicas: 1, Workload: workload.Workload{Conns: 2}, Connected: 2, Active: 2, Operations: 1000, Bytes: 8000,
		Window: 2 * time.Second, ConnectTime: time.Second, CPU: time.Second, CPUWall: 2 * time.Second,
		Latency: hist.New(), Connect: hist.New(), Shares: new(hist.Shares), Outstanding: 2,
	}
	for i := range 1000 {
		r.Latency.Record(int64(time.Duration(i+1) * time.Millisecond))
	}
	r.Shares.Add(400)
	r.Shares.Add(600)
	var b bytes.Buffer
	if err := writeClient(&b, clientConfig{format: "json", load: load.Config{Workload: workload.Workload{Conns: 2}}}, r, nil); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Summary map[string]any `json:"summary"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"ops_per_s": 500, "bytes_per_s": 4000, "p50_ns": 500e6, "p90_ns": 900e6, "p99_ns": 990e6, "p999_ns": 999e6, "max_ns": 1000e6,
		"latencies": 1000, "connects_per_s": 2, "generator_cpu_ns_per_op": 1e6,
		"ops_per_conn_least": 400, "ops_per_conn_most": 600, "fairness_jain": 1e6 / (2 * 520e3),
	} {
		if v, ok := got.Summary[name].(float64); !ok || math.Abs(v-want) > 0.001*want {
			t.Errorf("%s is %v, want %v", name, got.Summary[name], want)
		}
	}
	if v, there := got.Summary["raw_p99_ns"]; !there || v != nil {
		t.Errorf("a closed loop has a raw p99 of %v", v)
	}
}

// Nothing measured, and numbers that are none, are null and no error.
func TestClientJSONIsFinite(t *testing.T) {
	for _, r := range []result.Replica{
		{},
		{Window: time.Second, Workload: workload.Workload{Rate: 5}, Latency: hist.New(), Raw: hist.New(), Lateness: hist.New(), Shares: new(hist.Shares)},
	} {
		var b bytes.Buffer
		if err := writeClient(&b, clientConfig{format: "json"}, r, nil); err != nil || !json.Valid(b.Bytes()) {
			t.Errorf("error %v in %s", err, b.String())
		}
	}
}
