package audit

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Columns names the columns of a table by their headers, and supplies what the table lacks.
// An empty name is guessed from the headers.
type Columns struct {
	Name, Throughput, Latency, Connections string

	// Unit is the unit of latencies without one: ns, us, ms or s.
	Unit string

	// Conns is the number of connections of every row, if no column has it.
	Conns int
}

// Limits of a table, because input may be hostile.
const (
	maxBytes = 8 << 20
	maxRows  = 100_000
)

// Table is the content of a table.
type Table struct {
	Rows    []Row
	Skipped int    // rows without a throughput or a latency
	Latency string // the header of the latency column, assumed to be means
}

// Read reads a table of comma-, semicolon- or tab-separated values, or a Markdown table.
// Errors begin with name.
func Read(r io.Reader, name string, c Columns) (Table, error) {
	records, err := read(r)
	at := func(line int, err error) error { return fmt.Errorf("%s:%d: %w", name, line, err) }
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(records) < 2 {
		return Table{}, at(1, errors.New("want a line of headers, and rows"))
	}
	headers := records[0]
	found, err := c.find(headers.cells)
	if err != nil {
		return Table{}, at(headers.line, err)
	}
	table := Table{Latency: strings.TrimSpace(headers.cells[found.latency])}
	for _, record := range records[1:] {
		row, ok, err := found.row(record.cells, c)
		switch {
		case err != nil:
			return Table{}, at(record.line, err)
		case !ok:
			table.Skipped++
		default:
			table.Rows = append(table.Rows, row)
		}
	}
	if len(table.Rows) == 0 {
		return Table{}, at(headers.line, errors.New("no row has a throughput and a latency"))
	}
	return table, nil
}

// record is a row of text, and its line.
type record struct {
	line  int
	cells []string
}

// read splits the text into rows and cells.
func read(r io.Reader) ([]record, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxBytes {
		return nil, fmt.Errorf("more than %d MiB: not a table", maxBytes>>20)
	}
	body := strings.TrimPrefix(string(text), "\ufeff")
	if strings.HasPrefix(strings.TrimSpace(body), "|") {
		return markdown(body)
	}
	reader := csv.NewReader(strings.NewReader(body))
	reader.Comma = separator(body)
	reader.FieldsPerRecord, reader.TrimLeadingSpace, reader.LazyQuotes = -1, true, true
	var list []record
	for {
		cells, err := reader.Read()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if len(list) == maxRows {
			return nil, fmt.Errorf("more than %d rows", maxRows)
		}
		line, _ := reader.FieldPos(0)
		list = append(list, record{line, cells})
	}
}

// separator returns the most frequent separator of the first line.
func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := strings.Count(first, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// markdown splits a Markdown table into rows and cells.
func markdown(text string) ([]record, error) {
	var list []record
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, maxBytes)
	for line := 1; scanner.Scan(); line++ {
		s := strings.TrimSpace(scanner.Text())
		if !strings.HasPrefix(s, "|") || strings.Trim(s, "|-: ") == "" {
			continue
		}
		if len(list) == maxRows {
			return nil, fmt.Errorf("more than %d rows", maxRows)
		}
		cells := strings.Split(strings.Trim(s, "|"), "|")
		for i, cell := range cells {
			cells[i] = strings.Trim(cell, " *`_")
		}
		list = append(list, record{line, cells})
	}
	return list, scanner.Err()
}

// found is the indexes of the columns of a table; -1 if missing.
type found struct {
	name, throughput, latency, connections int
	unit, rateUnit                         string // of latencies and throughputs, by their headers
}

// guesses are words in headers, the most specific first.
var guesses = struct{ name, throughput, latency, median, connections []string }{
	name:        []string{"name", "row", "server", "mode", "framework", "library", "variant"},
	throughput:  []string{"throughput", "round trips", "ops", "tps", "qps", "rps", "req", "msg", "messages", "rate", "/s"},
	latency:     []string{"mean", "avg", "average", "latency"},
	median:      []string{"p50", "median", "50%"},
	connections: []string{"connections", "conns", "concurrency", "clients", "conn"},
}

// find finds the columns by their headers.
func (c Columns) find(headers []string) (found, error) {
	t := found{name: -1, connections: -1}
	var err error
	if t.throughput, err = locate(headers, c.Throughput, "throughput", guesses.throughput, nil); err != nil {
		return t, err
	}
	if t.latency, err = locate(headers, c.Latency, "latency", guesses.latency, slices.Concat(guesses.median, []string{"p9", "max", "min"})); err != nil {
		if i, _ := locate(headers, "", "", guesses.median, nil); c.Latency == "" && i >= 0 {
			return t, fmt.Errorf("column %q is a median: Little's law requires the mean", headers[i])
		}
		return t, err
	}
	if t.connections, err = locate(headers, c.Connections, "connections", guesses.connections, nil); err != nil && (c.Connections != "" || c.Conns == 0) {
		return t, fmt.Errorf("%w; or give -conns", err)
	}
	if t.name, err = locate(headers, c.Name, "name", guesses.name, nil); err != nil {
		if c.Name != "" {
			return t, err
		}
		t.name = 0
	}
	t.unit = unitOf(headers[t.latency])
	if strings.Contains(strings.ToLower(headers[t.throughput]), "min") {
		t.rateUnit = "min"
	}
	return t, nil
}

// locate returns the column with a name, or the first that matches a guess.
func locate(headers []string, name, flag string, words, not []string) (int, error) {
	if name != "" {
		i := slices.IndexFunc(headers, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(name)) })
		if i < 0 {
			return -1, fmt.Errorf("-%s %q: no such column: want one of %s", flag, name, strings.Join(headers, ", "))
		}
		return i, nil
	}
	for _, word := range words {
		for i, h := range headers {
			h = strings.ToLower(h)
			if strings.Contains(h, word) && !slices.ContainsFunc(not, func(n string) bool { return strings.Contains(h, n) }) {
				return i, nil
			}
		}
	}
	return -1, fmt.Errorf("no column for the %s: name it with -%s; the columns are %s", flag, flag, strings.Join(headers, ", "))
}
