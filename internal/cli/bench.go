//go:build linux

package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func newBench(s streams, args []string) *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure TCP server architectures against each other",
		Long: `Start TCP servers of several architectures, load each with many connections
that echo timestamps, and say which one wins, by how much, and what it costs.

Exit codes: 0 done; 1 the answer is no: a failed check, an obstacle; 2 wrong
usage or unreadable input; 3 no answer: something did not start, died, was not
reached or was interrupted.`,
		Example: `  bench run
  bench run -modes all -conns 1k,10k -o results/all.jsonl
  bench report results/all.jsonl -wide
  bench compare old.jsonl new.jsonl
  bench ab -a './server-old {addr}' -b './server-new {addr}'
  bench doctor -conns 1M -replicas 53 -c 53`,
		RunE: func(c *cobra.Command, _ []string) error {
			return usagef("no command: %s; see --help", wantCommand(c))
		},
	}
	for _, sub := range []*cobra.Command{newReport(s), newMerge(s), newCompare(s), newAudit(s), newDoctor(s), newClean(s)} {
		c.AddCommand(mayAbandon(sub))
	}
	c.AddCommand(newRun(s, args), newAB(s, args), newServer(s), newClient(s), newKeep(s))
	return c
}

// wantCommand says which subcommands there are.
func wantCommand(c *cobra.Command) string {
	names := commandNames(c)
	last := len(names) - 1
	return "want " + strings.Join(names[:last], ", ") + " or " + names[last]
}

// commandNames are the subcommands that help lists.
func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	return names
}
