package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// text is the metrics of a server, in part.
const text = `# HELP c1m_server_accepted_connections_total Connections accepted.
# TYPE c1m_server_accepted_connections_total counter
c1m_server_accepted_connections_total 20
# TYPE c1m_server_context_switches_total counter
c1m_server_context_switches_total 77
# TYPE c1m_server_cpu_seconds_total counter
c1m_server_cpu_seconds_total 1.500000001
# TYPE c1m_server_info gauge
c1m_server_info{concurrency="2",protocol="echo",row="epoll",work="none"} 1
# TYPE c1m_server_kernel_memory_bytes gauge
c1m_server_kernel_memory_bytes 2.097152e+06
# TYPE c1m_server_memory_bytes gauge
c1m_server_memory_bytes 1.048576e+06
# TYPE c1m_server_open_connections gauge
c1m_server_open_connections 19
# TYPE c1m_server_processes gauge
c1m_server_processes 3
# TYPE c1m_server_uptime_seconds gauge
c1m_server_uptime_seconds 60.25
`

func TestParse(t *testing.T) {
	s, err := parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.Switches == nil || *s.Switches != 77 || s.Kernel == nil || *s.Kernel != 2<<20 {
		t.Errorf("%v switches, %v bytes of the kernel; want 77 and 2 MiB", s.Switches, s.Kernel)
	}
	s.Switches, s.Kernel = nil, nil
	want := Sample{Uptime: 60250 * time.Millisecond, Processes: 3, CPU: 1500*time.Millisecond + 1, Memory: 1 << 20, Accepted: 20, Open: 19}
	if s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	without := strings.NewReplacer("c1m_server_context_switches_total 77\n", "", "c1m_server_kernel_memory_bytes 2.097152e+06\n", "")
	if s, err := parse([]byte(without.Replace(text))); err != nil || s != want {
		t.Errorf("%+v, %v, want %+v: not every server knows these", s, err, want)
	}
}

func TestParseForeign(t *testing.T) {
	for _, c := range []struct{ name, text, why string }{
		{"nothing", "", "it has no c1m_server_uptime_seconds"},
		{"no metrics", "<html>", "its answer is no text of metrics: "},
		{"another program", "go_goroutines 7\n", "it has no c1m_server_uptime_seconds"},
		{"an older build", strings.Replace(text, "c1m_server_uptime_seconds", "c1m_server_age", 2), "it has no c1m_server_uptime_seconds"},
		{"cut off", text[:len(text)-3], "its answer is no text of metrics: "},
		{"negative", strings.Replace(text, "total 20", "total -20", 1), "its c1m_server_accepted_connections_total is impossible: -20"},
		{"no number", strings.Replace(text, "bytes 1.048576e+06", "bytes NaN", 1), "its c1m_server_memory_bytes is impossible: NaN"},
		{"too large", strings.Replace(text, "seconds 60.25", "seconds 1e10", 1), "its c1m_server_uptime_seconds is impossible: 1e+10"},
		{"no type", strings.Replace(text, "# TYPE c1m_server_processes gauge\n", "", 1), "its c1m_server_processes is neither a counter nor a gauge"},
		{"two series", text + "c1m_server_open_connections{of=\"x\"} 1\n", "its c1m_server_open_connections is impossible: "},
	} {
		_, err := parse([]byte(c.text))
		var other *ForeignError
		if !errors.As(err, &other) || !strings.HasPrefix(err.Error(), c.why) {
			t.Errorf("%s: %v, want %s", c.name, err, c.why)
		}
	}
}

// Whatever the text, values are possible, so that differences of two samples are as well.
func FuzzParse(f *testing.F) {
	f.Add([]byte(text))
	f.Add([]byte("c1m_server_uptime_seconds +Inf\n"))
	f.Add([]byte("# TYPE c1m_server_processes histogram\nc1m_server_processes_count 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parse(text)
		if err != nil {
			var other *ForeignError
			if !errors.As(err, &other) || s != (Sample{}) {
				t.Errorf("%+v and %v", s, err)
			}
			return
		}
		for _, d := range []time.Duration{s.Uptime, s.CPU} {
			if d < 0 || d > longest {
				t.Errorf("%v in %+v", d, s)
			}
		}
		counts := []int64{int64(s.Processes), s.Memory, s.Accepted, s.Open}
		for _, n := range []*int64{s.Switches, s.Kernel} {
			if n != nil {
				counts = append(counts, *n)
			}
		}
		for _, n := range counts {
			if n < 0 || n > largest {
				t.Errorf("%d in %+v", n, s)
			}
		}
	})
}

// addressOf returns the HOST:PORT of a test's server.
func addressOf(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

// Samples of a server come over one connection, with the times of their requests.
func TestRead(t *testing.T) {
	var mu sync.Mutex
	var queries []string
	conns := make(map[string]bool)
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		conns[r.RemoteAddr] = true
		queries = append(queries, r.URL.RawQuery)
		mu.Unlock()
		if r.URL.Path != "/metrics" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("asked for %s, %v", r.URL, r.Header)
		}
		io.WriteString(w, text)
	}))
	defer served.Close()
	target := New(addressOf(served))
	defer target.Close()
	var last Sample
	for _, read := range []func(context.Context) (Sample, error){target.Read, target.ReadSettled, target.Read} {
		s, err := read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.From.Before(last.To) || s.To.Before(s.From) || s.Accepted != 20 {
			t.Errorf("%+v after %+v", s, last)
		}
		last = s
	}
	mu.Lock()
	defer mu.Unlock()
	if len(conns) != 1 {
		t.Errorf("%d connections for three samples, want one", len(conns))
	}
	if want := []string{"", "settled", ""}; !slices.Equal(queries, want) {
		t.Errorf("asked for %q, want %q", queries, want)
	}
}

func TestReadForeign(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go io.Copy(conn, conn)
		}
	}()
	answers := map[string]string{
		"no page":   "it answers 404 Not Found",
		"elsewhere": "it answers 302 Found",
		"other":     "it has no c1m_server_uptime_seconds",
		"unbounded": "its answer is no text of metrics: ",
		"not HTTP":  "it does not speak HTTP: ",
	}
	for name, want := range answers {
		addr := echo.Addr().String()
		if name != "not HTTP" {
			served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch name {
				case "no page":
					http.NotFound(w, r)
				case "elsewhere":
					http.Redirect(w, r, "/login", http.StatusFound)
				case "other":
					fmt.Fprintln(w, "up 1")
				case "unbounded":
					for {
						if _, err := w.Write([]byte("x")); err != nil {
							return
						}
					}
				}
			}))
			defer served.Close()
			addr = addressOf(served)
		}
		target := New(addr)
		_, err := target.Read(t.Context())
		target.Close()
		var other *ForeignError
		if !errors.As(err, &other) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestReadUnreachable(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := gone.Addr().String()
	gone.Close()
	_, err = New(addr).Read(t.Context())
	var other *ForeignError
	if err == nil || errors.As(err, &other) || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "http") {
		t.Errorf("%v, want that the connection is refused", err)
	}

	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel alone
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("over"))
	if _, err := New(silent.Addr().String()).Read(ctx); err == nil || err.Error() != "over" {
		t.Errorf("%v, want the context's cause", err)
	}
}
