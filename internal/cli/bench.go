//go:build linux

package cli

import (
	"github.com/spf13/cobra"
)

func newBench(s streams, args []string) *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure TCP server architectures against each other",
		Long: `Servers of several architectures are started and loaded with many connections
that echo timestamps. The table shows which one wins, by how much, and at what
cost. Every row is checked (bench help checks).

Exit codes: 0 done; 1 the answer is no, such as a failed check; 2 wrong usage or
input that cannot be read; 3 no answer (bench help exit).`,
		Example: `  bench run
  bench run -modes all -conns 1k,10k -o results/all.jsonl
  bench report results/all.jsonl -wide
  bench compare old.jsonl new.jsonl
  bench trend history/
  bench ab -a './server-old {addr}' -b './server-new {addr}'
  bench doctor -conns 1M -replicas 53 -c 53`,
		RunE: func(c *cobra.Command, _ []string) error {
			return usagef("no command: %s; see --help", wantCommand(c))
		},
	}
	for _, sub := range []*cobra.Command{newReport(s), newMerge(s), newCompare(s), newTrend(s), newAudit(s), newDoctor(s), newClean(s)} {
		c.AddCommand(mayAbandon(sub))
	}
	c.AddCommand(newRun(s, args), newAB(s, args), newConform(s), newPeers(s), newServer(s), newClient(s), newKeep(s), newCompletion(s))
	c.SetHelpCommand(newHelp(s))
	c.InitDefaultHelpCmd()
	return c
}

// wantCommand lists the subcommands, for an error.
func wantCommand(c *cobra.Command) string {
	return "want " + orList(commandNames(c))
}

// commandNames returns the subcommands that help lists.
func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	return names
}
