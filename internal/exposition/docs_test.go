//go:build linux

package exposition

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the metrics of docs/metrics.md anew")

// units are the last words of names, without _total, and the units that they say.
var units = map[string]string{
	"seconds": "s", "bytes": "byte", "connections": "connection", "requests": "request", "messages": "message",
	"trips": "round trip", "replies": "message", "errors": "error", "notifications": "notification", "dropped": "notification", "subscribers": "subscriber",
	"processes": "process", "switches": "context switch", "trials": "trial", "trial": "", "rounds": "round", "round": "", "info": "", "phase": "",
}

// The documentation lists every metric, with the unit that its name says.
func TestMetricsAreDocumented(t *testing.T) {
	const name, mark = "../../docs/metrics.md", "<!-- From here on: go test ./internal/exposition -update -->\n"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	top, _, found := strings.Cut(string(text), mark)
	if !found {
		t.Fatalf("%s has no %q", name, mark)
	}
	var page bytes.Buffer
	page.WriteString(top + mark)
	seen := make(map[string]bool)
	for _, part := range []struct {
		title string
		list  []Metric
	}{
		{"A server", ServerMetrics()}, {"A client", ClientMetrics()}, {"A run", RunMetrics()},
	} {
		fmt.Fprintf(&page, "\n## %s\n\n| name | type | unit | labels | meaning |\n|---|---|---|---|---|\n", part.title)
		for _, m := range part.list {
			words := strings.Split(strings.TrimSuffix(m.Name, "_total"), "_")
			unit, known := units[words[len(words)-1]]
			if !known {
				t.Errorf("%s does not end with a unit", m.Name)
			}
			if (m.Kind == Counter) != strings.HasSuffix(m.Name, "_total") {
				t.Errorf("%s is a %s", m.Name, m.Kind)
			}
			if seen[m.Name] {
				t.Errorf("%s is there twice", m.Name)
			}
			seen[m.Name] = true
			labels := slices.Clone(m.Labels)
			for i, l := range labels {
				labels[i] = "`" + l + "`"
			}
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n", m.Name, m.Kind, unit, strings.Join(labels, ", "), m.Help)
		}
	}
	if *update {
		if err := os.WriteFile(name, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page.String() != string(text) {
		t.Errorf("%s is out of date: go test ./internal/exposition -update", name)
	}
}
