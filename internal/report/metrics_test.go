package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/workload/workloadtest"
)

// An entry of the table of metrics is all that a metric needs to be in every rendering:
// CSV and JSON by its key, text, Markdown and HTML by its columns.
func TestEveryMetricIsInEveryRendering(t *testing.T) {
	run := resulttest.Table()
	header, _, _ := strings.Cut(render(t, run, Options{Format: "csv"}), "\n")
	var object struct {
		Rows []map[string]any `json:"rows"`
	}
	if err := json.Unmarshal([]byte(render(t, run, Options{Format: "json"})), &object); err != nil {
		t.Fatal(err)
	}
	for _, m := range metric.Table() {
		if m.Unlisted {
			continue
		}
		if !slices.Contains(strings.Split(header, ","), string(m.Key)) {
			t.Errorf("%s is not in the CSV: %s", m.Key, header)
		}
		if _, has := object.Rows[0][string(m.Key)]; !has && !m.Sparse && m.Of != nil {
			t.Errorf("%s is not in the JSON", m.Key)
		}
	}

	// Rows of every kind of traffic, which have every metric.
	values := make(map[metric.Key]*metric.Value)
	for _, m := range metric.Table() {
		values[m.Key] = metric.ValueOf([]float64{1, 2, 3})
	}
	for kind, w := range workloadtest.Each() {
		rows := []metric.Row{{Cell: result.Cell{Row: "a", Workload: w}, Values: values}}
		for _, wide := range []bool{false, true} {
			var shown []string
			for _, c := range metric.Columns(rows, wide) {
				shown = append(shown, c.Name())
				if entry := c.Entry(rows[0]); entry.Text == "" {
					t.Errorf("%s: the column %s is empty", kind, c.Name())
				}
			}
			for _, m := range metric.Table() {
				for _, c := range m.Columns {
					set := c.Narrow
					if wide {
						set = c.Wide
					}
					if set != nil && set.Has(kind) && !c.Spare && (c.If == nil || c.If(rows[0])) && !slices.Contains(shown, c.Name()) {
						t.Errorf("%s has no column %s among %q", kind, c.Name(), shown)
					}
				}
			}
		}
	}
}
