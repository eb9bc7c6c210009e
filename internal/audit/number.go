package audit

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// seconds are the units of a latency.
var seconds = map[string]float64{
	"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "usec": 1e-6, "ms": 1e-3, "msec": 1e-3, "s": 1, "sec": 1, "secs": 1, "seconds": 1, "m": 60, "min": 60,
}

// unitOf returns the unit in a header, such as "latency (ms)", "mean_ms" or "avg [µs]";
// empty if there is none.
func unitOf(header string) string {
	words := strings.FieldsFunc(strings.ToLower(header), func(r rune) bool { return strings.ContainsRune(" ()[]_,/", r) })
	for i := len(words) - 1; i >= 0; i-- {
		if _, is := seconds[words[i]]; is {
			return words[i]
		}
	}
	return ""
}

// printed matches a number and the unit after it.
var printed = regexp.MustCompile(`^[~≈]?\s*([0-9][0-9, _']*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE]([-+]?[0-9]+))?\s*([a-zA-Zµμ/]*)`)

// parse parses a cell: a number and the unit after it.
func parse(cell string) (n Number, unit string, err error) {
	m := printed.FindStringSubmatch(strings.TrimSpace(cell))
	if m == nil {
		return Number{}, "", fmt.Errorf("%q: want a number", cell)
	}
	digits := strings.NewReplacer(",", "", " ", "", "_", "", "'", "").Replace(m[1])
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(v, 0) {
		return Number{}, "", fmt.Errorf("%q: want a number", cell)
	}
	_, decimals, _ := strings.Cut(digits, ".")
	n = Number{v, 0.5 * math.Pow10(-len(decimals))}
	if m[2] != "" {
		e, err := strconv.Atoi(m[2])
		if err != nil || e < -30 || e > 30 {
			return Number{}, "", fmt.Errorf("%q: want a number", cell)
		}
		n = n.times(math.Pow10(e))
	}
	return n, m[3], nil
}

func (n Number) times(f float64) Number { return Number{n.Value * f, n.Off * f} }

// amount parses a throughput or a number of connections: 202,830, 202.8k, 1.2M/s.
func amount(cell string) (Number, error) {
	n, unit, err := parse(cell)
	if err != nil {
		return n, err
	}
	word, per, _ := strings.Cut(unit, "/")
	switch {
	case word == "k" || word == "K":
		n = n.times(1e3)
	case word == "m" || word == "M":
		n = n.times(1e6)
	}
	if strings.HasPrefix(per, "m") { // per minute
		n = n.times(1.0 / 60)
	}
	return n, nil
}

// latency parses a latency, in seconds.
func latency(cell, header, fallback string) (Number, error) {
	n, unit, err := parse(cell)
	if err != nil {
		return n, err
	}
	for _, u := range []string{unit, header, fallback} {
		if u == "" {
			continue
		}
		factor, is := seconds[strings.ToLower(u)]
		if !is {
			return n, fmt.Errorf("%q: unknown unit %q: want ns, us, ms or s", cell, u)
		}
		return n.times(factor), nil
	}
	return n, errors.New("the latency has no unit: write it into the header, as in \"mean (ms)\", or give -unit")
}

// row parses a row. ok is false if its throughput or latency is missing or 0.
func (t found) row(cells []string, c Columns) (r Row, ok bool, err error) {
	cell := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return strings.TrimSpace(cells[i])
	}
	blank := func(s string) bool { return strings.Trim(s, "-–—") == "" || strings.EqualFold(s, "n/a") }
	if blank(cell(t.throughput)) || blank(cell(t.latency)) {
		return r, false, nil
	}
	r.Name = cell(t.name)
	if r.Throughput, err = amount(cell(t.throughput)); err != nil {
		return r, false, fmt.Errorf("throughput %w", err)
	}
	if t.rateUnit == "min" {
		r.Throughput = r.Throughput.times(1.0 / 60)
	}
	if r.Latency, err = latency(cell(t.latency), t.unit, c.Unit); err != nil {
		return r, false, fmt.Errorf("latency: %w", err)
	}
	r.Connections = float64(c.Conns)
	if c.Conns == 0 {
		n, err := amount(cell(t.connections))
		if err != nil {
			return r, false, fmt.Errorf("connections %w", err)
		}
		r.Connections = n.Value // exact: it was chosen, not measured
	}
	if r.Connections <= 0 {
		return r, false, errors.New("connections: want more than 0")
	}
	return r, r.Throughput.Value > 0 && r.Latency.Value > 0, nil
}
