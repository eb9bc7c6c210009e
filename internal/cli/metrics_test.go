//go:build linux

package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMetricsAddress(t *testing.T) {
	for given, want := range map[string]string{
		"":               "",
		"9100":           "127.0.0.1:9100", // without a host only for this machine
		":9100":          "127.0.0.1:9100",
		":0":             "127.0.0.1:0",
		"0.0.0.0:9100":   "0.0.0.0:9100",
		"[::]:9100":      "[::]:9100",
		"localhost:9100": "localhost:9100",
	} {
		if got, err := metricsAddress(given); got != want || err != nil {
			t.Errorf("-metrics %q is %q, %v; want %q", given, got, err, want)
		}
	}
	for _, given := range []string{"nowhere", "127.0.0.1", "::1", ":65536", ":-1"} {
		got, err := metricsAddress(given)
		if err == nil || code(err) != exitUsage || !strings.HasPrefix(err.Error(), "-metrics ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("-metrics %q is %q, %v; want wrong usage", given, got, err)
		}
	}
}

// An address in use is known before anything starts.
func TestMetricsInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	for _, words := range [][]string{
		{"server", "-mode", "epoll", "-addr", "127.0.0.1:0"},
		{"client", "-conn", "1"},
		{"bench", "run", "-modes", "epoll", "-conns", "1"},
	} {
		var out, errs bytes.Buffer
		got := run(t.Context(), words[0], append(words[1:], "-metrics", addr), streams{nil, &out, &errs})
		name := words[0]
		if name == "bench" {
			name = "bench run"
		}
		want := name + ": -metrics " + addr + ": listen tcp " + addr + ": bind: address already in use; choose another port, or 0 for a free one\n"
		if got != exitUsage || errs.String() != want || out.Len() > 0 {
			t.Errorf("%q: exit code %d, %s%s; want %d, %s", words, got, &out, &errs, exitUsage, want)
		}
	}
}

// program is a running program of ours.
type program struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer
	lines  chan string // of stderr
}

// startProgram starts a program, which the end of the test stops.
func startProgram(t *testing.T, name string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{cmd: exec.CommandContext(ctx, name, args...), lines: make(chan string, 1000)}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGINT) }
	p.cmd.WaitDelay = time.Minute
	p.cmd.Env = append(p.cmd.Environ(), "GORACE=atexit_sleep_ms=0")
	p.cmd.Stdout = &p.stdout
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(p.lines)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			select {
			case p.lines <- lines.Text():
			default: // nobody reads so many
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-read
		_ = p.cmd.Wait() // again, if it was waited for
	})
	return p
}

// said waits for a line of stderr, and returns its first group.
func (p *program) said(t *testing.T, pattern string) string {
	t.Helper()
	var other []string
	timeout := time.After(time.Minute)
	for {
		select {
		case line, more := <-p.lines:
			if m := regexp.MustCompile(pattern).FindStringSubmatch(line); m != nil {
				return m[1]
			}
			if !more {
				t.Fatalf("%v ended without %q: %s", p.cmd.Args, pattern, strings.Join(other, "\n"))
			}
			other = append(other, line)
		case <-timeout:
			t.Fatalf("no %q from %v: %s", pattern, p.cmd.Args, strings.Join(other, "\n"))
		}
	}
}

const metricsLine = `metrics at (http://127\.0\.0\.1:[0-9]+/metrics)$`

// get returns an answer's body.
func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %s, %v", url, answer.Status, text, err)
	}
	return string(text)
}

// sample returns the value of a series.
func sample(t *testing.T, text, series string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("no %s in:\n%s", series, text)
	return 0
}

// A server and its client while they run. The children of prefork are one target.
func TestMetrics(t *testing.T) {
	server := startProgram(t, "server", "-mode", "prefork:reuseport", "-c", "2", "-addr", "127.0.0.1:0", "-interval", "0", "-metrics", "0")
	scraped := server.said(t, metricsLine)
	port := server.said(t, `listening on 127\.0\.0\.1:([0-9]+)`)

	text := get(t, scraped)
	wantsLine(t, text, `c1m_server_info{concurrency="2",protocol="echo",row="prefork:reuseport",work="none"} 1`)
	if n := sample(t, text, "c1m_server_accepted_connections_total"); n != 0 {
		t.Errorf("%v connections accepted before there was one", n)
	}

	client := startProgram(t, "client", "-conn", "20", "-port", port, "-rate", "500", "-warmup", "100ms", "-d", "1h", "-interval", "0", "-metrics", ":0")
	own := client.said(t, metricsLine)
	var load string
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		load = get(t, own)
		if strings.Contains(load, "c1m_client_phase{phase=\"measuring\"} 1\n") && sample(t, load, "c1m_client_latency_seconds_count") > 50 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("no load:\n%s", load)
		}
	}
	text = get(t, scraped)
	for series, want := range map[string]float64{
		"c1m_server_accepted_connections_total": 20, "c1m_server_open_connections": 20, "c1m_server_errors_total": 0, "c1m_server_processes": 3,
	} {
		if n := sample(t, text, series); n != want {
			t.Errorf("%s is %v, want %v", series, n, want)
		}
	}
	done := sample(t, load, "c1m_client_round_trips_total")
	if n := sample(t, text, "c1m_server_messages_total"); n < done {
		t.Errorf("the server has handled %v messages after the client had %v replies", n, done)
	}
	due, sent := sample(t, load, "c1m_client_due_requests_total"), sample(t, load, "c1m_client_sent_requests_total")
	if sent > due || due-sent != sample(t, load, "c1m_client_backlog_requests") || sent < sample(t, load, "c1m_client_latency_seconds_count") {
		t.Errorf("%v requests due, %v sent:\n%s", due, sent, load)
	}
	for _, side := range []struct{ prefix, text string }{{"c1m_server", text}, {"c1m_client", load}} {
		if cpu, memory := sample(t, side.text, side.prefix+"_cpu_seconds_total"), sample(t, side.text, side.prefix+"_memory_bytes"); cpu <= 0 || memory < 1<<20 {
			t.Errorf("%s uses %v s and %v bytes", side.prefix, cpu, memory)
		}
	}
	again := get(t, own)
	for _, series := range []string{"c1m_client_round_trips_total", "c1m_client_latency_seconds_count", "c1m_client_cpu_seconds_total"} {
		if before, after := sample(t, load, series), sample(t, again, series); after < before {
			t.Errorf("%s fell from %v to %v", series, before, after)
		}
	}
	promtool(t, text, again)
}

func wantsLine(t *testing.T, text, line string) {
	t.Helper()
	if !strings.Contains(text, line+"\n") {
		t.Errorf("no %q in:\n%s", line, text)
	}
}

// promtool has nothing to say about our metrics.
func promtool(t *testing.T, texts ...string) {
	t.Helper()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("no promtool: the metrics are not checked by it")
		return
	}
	for _, text := range texts {
		cmd := exec.Command(tool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool check metrics: %v\n%s\n%s", err, out, text)
		}
	}
}
