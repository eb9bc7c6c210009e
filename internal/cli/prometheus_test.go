//go:build linux

package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"c1m/internal/result"
)

// contrib is what users start Prometheus and Grafana with.
var contrib = filepath.Join("..", "..", "contrib")

// checkConfig returns what promtool says about a configuration.
func checkConfig(t *testing.T, name string) (said string, err error) {
	t.Helper()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool (Debian's package prometheus)")
	}
	out, err := exec.Command(tool, "check", "config", "--lint-fatal", name).CombinedOutput()
	return string(out), err
}

func TestPrometheusConfigurations(t *testing.T) {
	for _, name := range []string{"prometheus.yml", "prometheus-docker.yml", "prometheus-kubernetes.yml"} {
		t.Run(name, func(t *testing.T) {
			said, err := checkConfig(t, filepath.Join(contrib, name))
			if strings.Contains(said, "field kubernetes_sd_configs not found") { // Debian's is built without Kubernetes
				file := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(file, []byte(fromFile(t, "pods.json")), 0o600); err != nil {
					t.Fatal(err)
				}
				said, err = checkConfig(t, file)
			}
			if err != nil {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

// prometheus is a Prometheus that runs.
type prometheus struct{ address string }

// contribution returns the text of a file of contrib, in which each of some texts, which occur
// once, is replaced.
func contribution(t *testing.T, name string, replaced map[string]string) string {
	t.Helper()
	text := read(t, filepath.Join(contrib, name))
	for usual, ours := range replaced {
		if strings.Count(text, usual) != 1 {
			t.Fatalf("%s does not have %q once", name, usual)
		}
		text = strings.Replace(text, usual, ours, 1)
	}
	return text
}

// startPrometheus starts Prometheus with a configuration, and more flags.
func startPrometheus(t *testing.T, config string, flags ...string) prometheus {
	t.Helper()
	path, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus (Debian's package prometheus)")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, path, append(flags, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")...)
	started := prometheus{p.said(t, `"Listening on".* address=(127\.0\.0\.1:[0-9]+)`)}
	for limit := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get("http://" + started.address + "/-/ready")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return started
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("Prometheus is not ready: %v", err)
		}
	}
}

// point is a value at a time.
type point struct {
	at    time.Time
	value float64
}

// ask returns the points of each series in the answer to a query, without those that are
// no number.
func (p prometheus) ask(t *testing.T, path string, parameters url.Values) [][]point {
	t.Helper()
	text := get(t, "http://"+p.address+path+"?"+parameters.Encode())
	var answer struct {
		Data struct {
			Result []struct {
				Value  [2]any
				Values [][2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var all [][]point
	for _, r := range answer.Data.Result {
		pairs := r.Values
		if pairs == nil {
			pairs = [][2]any{r.Value}
		}
		var points []point
		for _, pair := range pairs {
			seconds, ok := pair[0].(float64)
			v, err := strconv.ParseFloat(fmt.Sprint(pair[1]), 64)
			if !ok || err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if !math.IsNaN(v) {
				points = append(points, point{time.UnixMilli(int64(math.Round(seconds * 1000))), v})
			}
		}
		all = append(all, points)
	}
	return all
}

func unixTime(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)
}

// at returns the one value of a query at a time.
func (p prometheus) at(t *testing.T, query string, at time.Time) float64 {
	t.Helper()
	all := p.ask(t, "/api/v1/query", url.Values{"query": {query}, "time": {unixTime(at)}})
	if len(all) != 1 || len(all[0]) != 1 {
		t.Fatalf("%s at %v is %v, want one value", query, at, all)
	}
	return all[0][0].value
}

// scrapes returns the times of the first and the last scrape of a series in a window.
func (p prometheus) scrapes(t *testing.T, series string, opened time.Time, window time.Duration) (first, last time.Time) {
	t.Helper()
	query := fmt.Sprintf("%s[%dms]", series, window.Milliseconds())
	all := p.ask(t, "/api/v1/query", url.Values{"query": {query}, "time": {unixTime(opened.Add(window))}})
	if len(all) != 1 || len(all[0]) < 2 {
		t.Fatalf("%s is %v, want two values", query, all)
	}
	points := all[0]
	return points[0].at, points[len(points)-1].at
}

// during returns the points of a query every second of a time.
func (p prometheus) during(t *testing.T, query string, from, to time.Time) [][]point {
	t.Helper()
	return p.ask(t, "/api/v1/query_range", url.Values{"query": {query}, "start": {unixTime(from)}, "end": {unixTime(to)}, "step": {"1"}})
}

// freePorts returns ports that nobody listens on.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports
}

// near reports whether two values differ by at most 5%.
func near(a, b float64) bool { return a > 0.95*b && a < 1.05*b }

// Prometheus, started with the files of contrib, has the rates of the table, answers every
// query of the dashboard, and shows them all in the console. The loads are open loops that the
// servers sustain, so that the rate is known, whatever else the machine does.
func TestPrometheus(t *testing.T) {
	ports := freePorts(t, 3)
	began := time.Now()
	p := startPrometheus(t, contribution(t, "prometheus.yml", map[string]string{
		"127.0.0.1:8973": "127.0.0.1:" + ports[0], "127.0.0.1:8974": "127.0.0.1:" + ports[1], "127.0.0.1:8975": "127.0.0.1:" + ports[2],
	}), "--web.console.templates="+filepath.Dir(console))
	server := startProgram(t, "server", "-mode", "prefork", "-c", "2", "-addr", "127.0.0.1:0", "-interval", "0", "-metrics", ports[0])
	port := server.said(t, `listening on 127\.0\.0\.1:([0-9]+)`)

	client := startProgram(t, "client", "-conn", "20", "-port", port, "-rate", "1000", "-warmup", "1s", "-d", "12s", "-interval", "0", "-format", "json", "-metrics", ports[1])
	if err := client.cmd.Wait(); err != nil && client.cmd.ProcessState.ExitCode() != exitNo { // a check may fail on a busy machine
		t.Fatalf("%v: %s", err, &client.stdout)
	}
	var measured struct {
		Load result.Replica `json:"load"`
	}
	if err := json.Unmarshal(client.stdout.Bytes(), &measured); err != nil {
		t.Fatalf("%v: %s", err, &client.stdout)
	}
	r := measured.Load
	for _, counter := range []string{"c1m_client_round_trips_total", "c1m_server_messages_total"} {
		// From the first scrape inside the window to the last: rate would extrapolate to
		// the ends of any other range, wrongly if the machine was too busy for a scrape.
		first, last := p.scrapes(t, counter, r.OpenedAt, r.Window)
		if last.Sub(first) < r.Window/2 {
			t.Fatalf("%s was scraped from %v to %v, in a window of %v", counter, first, last, r.Window)
		}
		query := fmt.Sprintf("sum(rate(%s[%dms]))", counter, last.Sub(first).Milliseconds()+1)
		if got, want := p.at(t, query, last), r.Throughput(); !near(got, want) {
			t.Errorf("%s is %.1f, the client has measured %.1f", query, got, want)
		}
	}

	file := filepath.Join(t.TempDir(), "run.jsonl")
	bench := startProgram(t, "bench", "run", "-modes", "epoll,goroutine", "-conns", "20", "-rates", "500", "-rounds", "3", "-d", "1s", "-warmup", "100ms", "-o", file, "-metrics", ports[2])
	exposed := bench.said(t, metricsLine)
	text := get(t, exposed)
	for !strings.Contains(text, "c1m_run_round_trips_total{") { // until a trial has ended
		time.Sleep(50 * time.Millisecond)
		text = get(t, exposed)
	}
	promtool(t, text)
	if err := bench.cmd.Wait(); err != nil && bench.cmd.ProcessState.ExitCode() != exitNo {
		t.Fatalf("%v: %s", err, &bench.stdout)
	}
	ended := time.Now()
	run := storedRun(t, file)
	var operations int64
	var window time.Duration
	for _, trial := range run.Trials {
		if trial.Load != nil {
			operations, window = operations+trial.Load.Operations, window+trial.Load.Window
		}
	}
	query := "sum(c1m_run_round_trips_total) / sum(c1m_run_window_seconds_total)"
	want := float64(operations) / window.Seconds()
	series := p.during(t, query, began, ended)
	if len(series) != 1 || len(series[0]) == 0 || !near(series[0][len(series[0])-1].value, want) {
		t.Errorf("%s is %v, the trials have %.1f", query, series, want)
	}

	for _, panel := range dashboard(t) {
		for _, target := range panel.Targets {
			values := 0
			for _, one := range p.during(t, strings.ReplaceAll(target.Expr, "$__rate_interval", "5s"), began, ended) {
				values += len(one)
			}
			if values == 0 {
				t.Errorf("the dashboard's query %s has no answer", target.Expr)
			}
		}
	}
	p.consoleShows(t)
}

// dashboardPanel is a panel of the dashboard.
type dashboardPanel struct {
	ID                       int
	Title, Type, Description string
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct {
		Defaults struct {
			Unit   string
			Min    *float64
			Custom struct{ FillOpacity int }
		}
	}
	Targets []struct{ Expr, LegendFormat string }
}

// dashboard returns the panels of the dashboard.
func dashboard(t *testing.T) []dashboardPanel {
	t.Helper()
	var d struct {
		SchemaVersion int
		Panels        []dashboardPanel
	}
	if err := json.Unmarshal([]byte(contribution(t, filepath.Join("grafana", "c1m.json"), nil)), &d); err != nil {
		t.Fatal(err)
	}
	if d.SchemaVersion < 39 || len(d.Panels) == 0 {
		t.Errorf("a dashboard of schema %d with %d panels", d.SchemaVersion, len(d.Panels))
	}
	ids := make(map[int]bool)
	for _, panel := range d.Panels {
		if g := panel.GridPos; ids[panel.ID] || panel.Title == "" || panel.Type == "" || g.W < 1 || g.H < 1 || g.X+g.W > 24 || len(panel.Targets) == 0 {
			t.Errorf("panel %d, %q, of type %q, at %+v", panel.ID, panel.Title, panel.Type, g)
		}
		ids[panel.ID] = true
	}
	return d.Panels
}

// console is the console of Prometheus that shows the panels of the dashboard.
var console = filepath.Join(contrib, "prometheus", "consoles", "c1m.html")

// consolePanel is a panel of the console.
type consolePanel struct {
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Unit        string         `json:"unit"`
	X           int            `json:"x"`
	Y           int            `json:"y"`
	W           int            `json:"w"`
	Fill        int            `json:"fill"` // %
	Bars        bool           `json:"bars"`
	Queries     []consoleQuery `json:"queries"`
}

type consoleQuery struct {
	Query string `json:"query"`
	Name  string `json:"name"` // with labels in [[ ]]
}

// The console has the panels of the dashboard.
func TestConsole(t *testing.T) {
	var panels strings.Builder
	lines := json.NewEncoder(&panels)
	lines.SetEscapeHTML(false)
	for _, of := range dashboard(t) {
		if of.GridPos.H != 8 || of.GridPos.Y%8 != 0 {
			t.Errorf("panel %q is at %+v: the console has rows of 8", of.Title, of.GridPos)
		}
		p := consolePanel{
			Title: of.Title, Description: of.Description, Unit: of.FieldConfig.Defaults.Unit, X: of.GridPos.X, Y: of.GridPos.Y, W: of.GridPos.W,
			Fill: of.FieldConfig.Defaults.Custom.FillOpacity, Bars: of.Type == "bargauge",
		}
		for _, target := range of.Targets {
			name := strings.NewReplacer("{{", "[[", "}}", "]]").Replace(target.LegendFormat)
			p.Queries = append(p.Queries, consoleQuery{target.Expr, name})
		}
		if err := lines.Encode(p); err != nil {
			t.Fatal(err)
		}
	}
	const begin, end = "const panels = [\n", "];\n// End of the panels."
	page := read(t, console)
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no panels", console)
	}
	list := strings.TrimSuffix(strings.ReplaceAll(panels.String(), "\n", ",\n  "), "  ")
	golden(t, console, before+begin+"  "+list+end+after)
}

// consoleShows loads the console, in a browser too if there is one, and fails the test unless all
// of its panels have data.
func (p prometheus) consoleShows(t *testing.T) {
	t.Helper()
	address := "http://" + p.address + "/consoles/c1m.html"
	page := get(t, address)
	panels := dashboard(t)
	for _, panel := range panels {
		for _, target := range panel.Targets {
			if !strings.Contains(page, target.Expr) {
				t.Errorf("the console does not have the query %s", target.Expr)
			}
		}
	}
	if !strings.Contains(page, `const prefix = "";`) {
		t.Error("the console is not executed as a template")
	}
	ctx := browser(t)
	if ctx == nil {
		return
	}
	const shown = `new Promise(done => setInterval(() => {
		if (document.getElementById("state").textContent.startsWith("as of"))
			done([...document.querySelectorAll("section")].filter(s => !s.querySelector("svg, .bar")).map(s => s.textContent).join("\n"));
	}, 50))`
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	if empty, err := chromedp.Run(ctx, chromedp.Evaluate[string](shown, chromedp.EvalAwaitPromise)); err != nil || empty != "" {
		t.Errorf("panels of the console without data: %s (%v)", empty, err)
	}
}

// headerOf reads the header of a run file whose run goes on.
func headerOf(t *testing.T, name string) result.Header {
	t.Helper()
	line, _, _ := strings.Cut(read(t, name), "\n")
	var h result.Header
	if err := json.Unmarshal([]byte(line), &h); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return h
}

// storedRun reads a run file.
func storedRun(t *testing.T, name string) result.Run {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := result.Read(f, name)
	if err != nil {
		t.Fatal(err)
	}
	return run
}
