//go:build linux

package cli

import (
	"github.com/spf13/cobra"

	"c1m/internal/engine"
)

// newKeep is the process between the harness and a command of the user's. It is
// for the harness alone.
func newKeep(s streams) *cobra.Command {
	return &cobra.Command{
		Use: engine.KeepCommand, Hidden: true, Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return engine.Keep(s.in, s.out) },
	}
}
