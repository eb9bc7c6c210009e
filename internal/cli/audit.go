//go:build linux

package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/audit"
	"c1m/internal/workload"
)

// auditFlags are the flags of bench audit.
type auditFlags struct {
	columns audit.Columns
	conns   count
	perConn int
	format  string
}

func newAudit(s streams) *cobra.Command {
	f := auditFlags{perConn: 1, format: "text"}
	c := &cobra.Command{
		Use:   "audit TABLE",
		Short: "Say which rows of a published table cannot be true",
		Long: `Multiply throughput by mean latency in each row of a table and compare the
product with the requests that were in flight. In a closed loop the two are
equal, whatever the server does (Little's law), so a row in which they differ is
wrong. A TABLE is a file of comma-, semicolon- or tab-separated values, a table
in Markdown, or - for standard input. Its columns are guessed from their headers
unless flags name them; units are read from headers or cells.

The exit code is 0 if no row contradicts itself, 1 if a row does, 2 if the table
cannot be read.`,
		Example: `  bench audit examples/published.csv
  bench audit table.md -latency "avg (ms)" -conns 512
  bench audit table.csv -throughput RPS -unit ms -in-flight 16`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one TABLE, or - for standard input")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return f.run(args[0], s) },
	}
	flags := c.Flags()
	grouped(flags, groupInput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.columns.Name, "name", "", "`HEADER` column of names")
		flags.StringVar(&f.columns.Throughput, "throughput", "", "`HEADER` column of operations per second")
		flags.StringVar(&f.columns.Latency, "latency", "", "`HEADER` column of mean latencies")
		flags.StringVar(&f.columns.Unit, "unit", "", "`UNIT` of latencies that have none: ns, us, ms or s")
		flags.StringVar(&f.columns.Connections, "connections", "", "`HEADER` column of connections")
		flags.Var(&f.conns, "conns", "connections of every row, if no column has them")
		flags.IntVar(&f.perConn, "in-flight", f.perConn, "requests in flight per connection")
	})
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.format, "format", f.format, "`FORMAT` text or json")
	})
	offer(flags, "unit", "ns", "us", "ms", "s")
	offer(flags, "format", "text", "json")
	common(c, "latency", "conns", "format")
	return c
}

func (f auditFlags) run(name string, s streams) error {
	if err := oneOf("format", f.format, "text", "json"); err != nil {
		return err
	}
	if f.columns.Unit != "" {
		if err := oneOf("unit", f.columns.Unit, "ns", "us", "ms", "s"); err != nil {
			return err
		}
	}
	if f.conns < 0 {
		return usagef("-conns %d: want at least 1", f.conns)
	}
	if f.perConn < 1 || f.perConn > workload.MaxPipeline {
		return usagef("-in-flight %d: want 1 to %d", f.perConn, workload.MaxPipeline)
	}
	f.columns.Conns = int(f.conns)
	table, err := readTable(name, f.columns, s.in)
	if err != nil {
		return err
	}
	verdicts := make([]audit.Verdict, len(table.Rows))
	code := exitOK
	for i, row := range table.Rows {
		if verdicts[i] = audit.Judge(row, f.perConn); !verdicts[i].Possible {
			code = exitNo
		}
	}
	if f.format == "json" {
		err = audit.WriteJSON(s.out, table, verdicts)
	} else {
		err = audit.WriteText(s.out, table, verdicts, f.perConn)
	}
	if err != nil {
		return noAnswerf("%w", err)
	}
	return silent(code)
}

// readTable reads the table of a file, or of standard input.
func readTable(name string, c audit.Columns, stdin io.Reader) (audit.Table, error) {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return audit.Table{}, unreadable(name, err)
		}
		defer file.Close()
		in = file
	}
	table, err := audit.Read(in, name, c)
	var path *fs.PathError
	if errors.As(err, &path) {
		return table, unreadable(name, err)
	}
	if err != nil {
		return table, usagef("%w", err)
	}
	return table, nil
}
