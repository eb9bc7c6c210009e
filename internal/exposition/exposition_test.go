//go:build linux

package exposition

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"c1m/internal/hist"
	"c1m/internal/load"
	"c1m/servers"
)

// scrape returns an answer, in the format of accept.
func scrape(t *testing.T, accept string, source Source) (body, kind string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, Path, nil)
	request.Header.Set("Accept", accept)
	answer := httptest.NewRecorder()
	Handler(source).ServeHTTP(answer, request)
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d: %s, %v", answer.Code, text, err)
	}
	return string(text), answer.Header().Get("Content-Type")
}

func wants(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in:\n%s", line, text)
		}
	}
}

func TestServer(t *testing.T) {
	reads := 0
	source := ServerSource(func() Server {
		reads++
		return Server{
			Row: "prefork:reuseport", Protocol: "ws", Work: "none", Concurrency: 2,
			Totals: servers.Totals{
				Accepted: 1, Open: 2, Messages: 3, Bytes: 4, Errors: 5, Queued: 6,
				Pushed: 7, Dropped: 8, Disconnected: 9,
			},
			Process: Process{Processes: 3, CPU: 1500 * time.Millisecond, Memory: 1 << 20},
			Uptime:  2500 * time.Millisecond, Switches: new(int64(11)), Kernel: new(int64(12)),
		}
	})
	text, _ := scrape(t, "text/plain", source)
	wants(t, text,
		`c1m_server_info{concurrency="2",protocol="ws",row="prefork:reuseport",work="none"} 1`,
		"# TYPE c1m_server_accepted_connections_total counter",
		"c1m_server_accepted_connections_total 1",
		"# TYPE c1m_server_open_connections gauge",
		"c1m_server_open_connections 2",
		"c1m_server_messages_total 3",
		"c1m_server_received_bytes_total 4",
		"c1m_server_errors_total 5",
		"c1m_server_queued_connections 6",
		"c1m_server_notifications_total 7",
		"c1m_server_notifications_dropped_total 8",
		"c1m_server_disconnected_subscribers_total 9",
		"c1m_server_processes 3",
		"c1m_server_cpu_seconds_total 1.5",
		"c1m_server_memory_bytes 1.048576e+06",
		"c1m_server_uptime_seconds 2.5",
		"c1m_server_context_switches_total 11",
		"c1m_server_kernel_memory_bytes 12",
	)
	if reads != 1 {
		t.Errorf("a scrape read the state %d times, want once", reads)
	}
	text, kind := scrape(t, "application/openmetrics-text; version=1.0.0", source)
	if !strings.HasPrefix(kind, "application/openmetrics-text") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("%s, want OpenMetrics:\n%s", kind, text)
	}
}

func TestClient(t *testing.T) {
	state := Client{
		Traffic: "closed", Protocol: "echo", Size: 100,
		Now:     load.Snapshot{Phase: load.Warming, Asked: 20, Connected: 19, Replies: 7, InFlight: 18, Errors: 1},
		Detail:  load.Detail{Latency: hist.New(), Errors: map[string]int64{"reset": 1, "timeout": 0}, Delayed: 20 * time.Millisecond},
		Process: Process{Processes: 1, CPU: time.Second, Memory: 1000},
	}
	state.Detail.Latency.Record(2_500_000)
	source := ClientSource(func() Client { return state })
	text, _ := scrape(t, "text/plain", source)
	wants(t, text,
		`c1m_client_info{protocol="echo",traffic="closed"} 1`,
		`c1m_client_phase{phase="warm-up"} 1`,
		`c1m_client_phase{phase="measuring"} 0`,
		"c1m_client_requested_connections 20",
		"c1m_client_open_connections 19",
		"c1m_client_round_trips_total 7",
		"c1m_client_received_bytes_total 700",
		"c1m_client_in_flight_requests 18",
		`c1m_client_errors_total{kind="reset"} 1`,
		`c1m_client_errors_total{kind="timeout"} 0`,
		`c1m_client_latency_seconds_bucket{le="0.002"} 0`,
		`c1m_client_latency_seconds_bucket{le="0.005"} 1`,
		"c1m_client_latency_seconds_sum 0.0025",
		"c1m_client_latency_seconds_count 1",
		"c1m_client_longest_delay_seconds 0.02",
		"c1m_client_processes 1",
	)
	if strings.Contains(text, "lateness") || strings.Contains(text, "due_requests") {
		t.Errorf("a closed loop has a schedule:\n%s", text)
	}
	state.Detail.Schedule = &load.Schedule{Due: 9, Sent: 6, Lateness: hist.New()}
	text, _ = scrape(t, "text/plain", source)
	wants(t, text,
		"c1m_client_due_requests_total 9",
		"c1m_client_sent_requests_total 6",
		"c1m_client_backlog_requests 3",
		"c1m_client_lateness_seconds_count 0",
	)
}

// A server frees memory for a scrape only if it is asked to.
func TestSettled(t *testing.T) {
	freed := 0
	source := ServerSource(func() Server { return Server{} })
	source.settle = func() { freed++ }
	for query, want := range map[string]int{"": 0, "?name=settled": 0, "?settled": 1} {
		freed = 0
		Handler(source).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, Path+query, nil))
		if freed != want {
			t.Errorf("%s%s frees memory %d times, want %d", Path, query, freed, want)
		}
	}
	answer := httptest.NewRecorder()
	client := ClientSource(func() Client { return Client{} })
	if Handler(client).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, Path+"?"+Settled, nil)); answer.Code != http.StatusOK {
		t.Errorf("a client answers %d", answer.Code)
	}
}

// Nothing is read once a source is stopped: a server's counters are unmapped then.
func TestStop(t *testing.T) {
	stopped := false
	source := ServerSource(func() Server {
		if stopped {
			t.Error("read after it was stopped")
		}
		return Server{}
	})
	if text, _ := scrape(t, "text/plain", source); text == "" {
		t.Error("nothing before it was stopped")
	}
	source.Stop()
	stopped = true
	if text, _ := scrape(t, "text/plain", source); text != "" {
		t.Errorf("after it was stopped:\n%s", text)
	}
}

// Counts of both kinds of buckets are those of the durations.
func TestHistogram(t *testing.T) {
	h := hist.New()
	var sum float64
	const n = 100_000
	for i := range n {
		ns := int64(1000 * math.Exp(float64(i)/n*math.Log(6e7))) // 1 µs to 60 s, evenly on a logarithmic scale
		h.Record(ns)
		sum += float64(ns) / 1e9
	}
	desc := prometheus.NewDesc("x", "help", nil, nil)
	var out dto.Metric
	if err := histogramOf(desc, h).Write(&out); err != nil {
		t.Fatal(err)
	}
	got := out.Histogram
	if got.GetSampleCount() != n || math.Abs(got.GetSampleSum()-sum) > 1e-6*sum {
		t.Errorf("%d durations of %v s, want %d of %v s", got.GetSampleCount(), got.GetSampleSum(), n, sum)
	}
	// How many durations are below a bound.
	below := func(seconds float64) float64 { return n * min(1, math.Log(seconds*1e6)/math.Log(6e7)) }
	for i, b := range got.Bucket {
		if b.GetUpperBound() != bounds[i] {
			t.Errorf("bucket %d ends at %v, want %v", i, b.GetUpperBound(), bounds[i])
		}
		if want := below(bounds[i]); math.Abs(float64(b.GetCumulativeCount())-want) > n*0.0002 {
			t.Errorf("%d durations up to %v s, want %.0f", b.GetCumulativeCount(), bounds[i], want)
		}
	}
	// Native buckets: an index, and a count, relative to the one before.
	index, count, total := 0, int64(0), int64(0)
	delta := got.PositiveDelta
	for _, span := range got.PositiveSpan {
		index += int(span.GetOffset())
		for range span.GetLength() {
			count, delta = count+delta[0], delta[1:]
			total += count
			upper := math.Exp2(float64(index) / (1 << schema))
			if want := below(upper); math.Abs(float64(total)-want) > n*0.0002 {
				t.Errorf("%d durations up to %v s, want %.0f", total, upper, want)
			}
			index++
		}
	}
	if total != n || got.GetSchema() != schema || got.GetZeroCount() != 0 {
		t.Errorf("%d durations in native buckets of schema %d, want %d", total, got.GetSchema(), n)
	}
}

// Every bucket is there before there is a duration, so that a rate is known from the first.
func TestEmptyHistogram(t *testing.T) {
	var out dto.Metric
	if err := histogramOf(prometheus.NewDesc("x", "help", nil, nil), hist.New()).Write(&out); err != nil {
		t.Fatal(err)
	}
	if got := len(out.Histogram.Bucket); got != len(bounds) || out.Histogram.GetSampleCount() != 0 {
		t.Errorf("%d buckets, want %d without durations", got, len(bounds))
	}
}

func TestTree(t *testing.T) {
	tree := NewTree(os.Getpid())
	first := tree.Read()
	if first.Processes < 1 || first.CPU <= 0 || first.Memory < 1<<20 {
		t.Errorf("this process: %+v", first)
	}
	keep := make([]byte, 64<<20)
	for i := 0; i < len(keep); i += 4096 {
		keep[i] = 1
	}
	second := tree.Read()
	if !second.At.After(first.At) || second.CPU < first.CPU || second.Memory < first.Memory+60<<20 {
		t.Errorf("%+v, after %d MiB more %+v", first, len(keep)>>20, second)
	}
	fmt.Fprint(io.Discard, keep[0])

	if gone := NewTree(1 << 30).Read(); gone != (Process{}) {
		t.Errorf("no process: %+v", gone)
	}
}
