//go:build linux

package cli

import (
	"github.com/spf13/cobra"

	"c1m/internal/engine"
)

// newKeep returns the command of the keeper, the process between the harness and a user's
// command. Only the harness uses it.
func newKeep(s streams) *cobra.Command {
	return &cobra.Command{
		Use: engine.KeepCommand, Hidden: true, Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return engine.Keep(s.in, s.out) },
	}
}
