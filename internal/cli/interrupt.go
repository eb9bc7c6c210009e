//go:build linux

package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

// abandonAfter is how long an interrupted command that may be abandoned has to end by itself.
const abandonAfter = 500 * time.Millisecond

// mayAbandon marks a command that starts no other processes. When it is interrupted, in a read
// that never returns or in a long computation, this process may exit without waiting for it:
// its files are replaced atomically.
func mayAbandon(c *cobra.Command) *cobra.Command {
	c.Annotations = map[string]string{abandonable: "true"}
	return c
}

const abandonable = "abandonable"

// execute runs the command. If it may be abandoned, execute returns soon after ctx is done
// even if the command has not ended.
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
