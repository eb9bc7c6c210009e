package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"c1m/internal/format"
	"c1m/internal/plain"
)

// nameWidth is the maximum width of a row's name, so that a line has at most 80 columns.
const nameWidth = 20

// WriteText writes verdicts as a table, and explains them.
func WriteText(w io.Writer, t Table, verdicts []Verdict, perConn int) error {
	var b bytes.Buffer
	line := func(name, throughput, mean, product, inFlight, answer string) {
		fmt.Fprintf(&b, "%-*s %11s %8s %11s %11s  %s\n", nameWidth, name, throughput, mean, product, inFlight, answer)
	}
	line("", "per second", "mean", "product", "in flight", "")
	impossible := 0
	for _, v := range verdicts {
		answer := "✓"
		if !v.Possible {
			impossible++
			answer = "✗ " + times(v.Factor())
		}
		line(name(v.Name), grouped(v.Throughput.Value), v.Mean().String(), grouped(v.Product), grouped(v.InFlight), answer)
	}
	if impossible == 0 {
		fmt.Fprintf(&b, "\nNo row contradicts itself. That does not prove that the numbers are correct.\n")
	} else {
		fmt.Fprintf(&b, "\n%d of %d rows cannot be true.\n", impossible, len(verdicts))
	}
	fmt.Fprintf(&b, `
In a closed loop throughput × mean latency is the number of requests in flight
(Little's law), here %s. ✗: the two differ by more than 5%%
plus the rounding of the printed digits; the product is that many times too low
or too high. Only means can be judged, not medians.
Column of means: %q.
`, perConnection(perConn), plain.Line(t.Latency))
	if t.Skipped > 0 {
		fmt.Fprintf(&b, "Rows without a throughput or a latency: %d, skipped.\n", t.Skipped)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// times formats a factor for the table.
func times(f float64) string {
	if f < 0 {
		return fmt.Sprintf("%.3g× high", -f)
	}
	return fmt.Sprintf("%.3g× low", f)
}

// grouped formats a number without decimals, or with three digits if it is too long for its
// column.
func grouped(v float64) string {
	if v >= 1e12 {
		return fmt.Sprintf("%.3g", v)
	}
	return format.Grouped(int64(math.Round(v)))
}

func perConnection(n int) string {
	if n == 1 {
		return "one for each connection"
	}
	return fmt.Sprintf("%d for each connection", n)
}

// name shortens a row's name to its column.
func name(s string) string {
	s = plain.Line(s)
	if utf8.RuneCountInString(s) > nameWidth {
		s = string([]rune(s)[:nameWidth-1]) + "…"
	}
	return s
}

// WriteJSON writes verdicts as JSON: throughput in operations per second, times in
// seconds.
func WriteJSON(w io.Writer, t Table, verdicts []Verdict) error {
	type row struct {
		Name        string  `json:"name"`
		Throughput  float64 `json:"ops_per_s"`
		Mean        float64 `json:"mean_s"`
		Connections float64 `json:"conns"`
		Product     float64 `json:"product"`
		InFlight    float64 `json:"in_flight"`
		Possible    bool    `json:"possible"`
	}
	rows := make([]row, len(verdicts))
	for i, v := range verdicts {
		rows[i] = row{v.Name, v.Throughput.Value, v.Latency.Value, v.Connections, v.Product, v.InFlight, v.Possible}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Latency string `json:"latency_column"`
		Skipped int    `json:"skipped"`
		Rows    []row  `json:"rows"`
	}{t.Latency, t.Skipped, rows})
}
