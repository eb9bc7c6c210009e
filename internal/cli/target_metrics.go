//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"c1m/internal/format"
	"c1m/internal/result"
	"c1m/internal/scrape"
)

// checkMetrics reads the metrics of targets once, so that a wrong address is an error before
// anything is measured. It names on w those that have served too many connections for their
// memory to be measured: what earlier ones left cannot be told from what new ones take.
func checkMetrics(ctx context.Context, cells []result.Cell, w io.Writer) error {
	most := make(map[string]int) // connections of a row
	for _, cell := range cells {
		most[cell.Row] = max(most[cell.Row], cell.Conns)
	}
	known := make(map[string]bool)
	for _, cell := range cells {
		if cell.Metrics == "" || known[cell.Row] {
			continue
		}
		known[cell.Row] = true
		target := scrape.New(cell.Metrics)
		s, err := target.Read(ctx)
		target.Close()
		if err != nil {
			return metricsError(cell, err)
		}
		if !s.Unused(most[cell.Row]) {
			fmt.Fprintf(w, "bench run: -target %s: no memory per connection: the server has accepted %s already; restart it to measure that\n",
				cell.Row, format.Plural(int(s.Accepted), "connection"))
		}
	}
	return nil
}

// metricsError says that a target has no metrics: there is no answer, or a wrong one.
func metricsError(cell result.Cell, err error) error {
	var foreign *scrape.ForeignError
	if errors.As(err, &foreign) {
		return usagef("-target %s: metrics=%s: not a server of this program: %w; give the address that server -metrics prints, or omit metrics=", cell.Row, cell.Metrics, err)
	}
	return noAnswerf("-target %s: metrics=%s: %w; start the server with -metrics at an address that this machine can reach, or omit metrics=", cell.Row, cell.Metrics, err)
}
