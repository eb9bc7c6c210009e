//go:build linux

package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

// abandonAfter is how long a command that may be abandoned has to end by
// itself once it is interrupted.
const abandonAfter = 500 * time.Millisecond

// mayAbandon marks a command that holds nothing which outlives this process:
// no server, no replica. Wherever it is when it is interrupted, in a read that
// never returns or in a long computation, the process may end without it. What
// it writes to a file is written in one piece or beside it.
func mayAbandon(c *cobra.Command) *cobra.Command {
	c.Annotations = map[string]string{abandonable: "true"}
	return c
}

const abandonable = "abandonable"

// execute runs the command. One that may be abandoned, and does not end soon
// after ctx is done, is left behind.
func execute(ctx context.Context, root, command *cobra.Command) error {
	if command.Annotations[abandonable] == "" {
		return root.ExecuteContext(ctx)
	}
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(abandonAfter)
	defer timer.Stop()
	select {
	case err := <-ended:
		return err
	case <-timer.C:
		return noAnswerf("interrupted")
	}
}
