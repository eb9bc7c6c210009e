//go:build linux

package cli

import (
	"github.com/spf13/cobra"
)

// newCompletion returns the command that prints completion scripts.
func newCompletion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that completes command lines in bash, zsh or fish",
		Example: `  source <(bench completion bash)
  bench completion zsh > "${fpath[1]}/_bench"
  bench completion fish > ~/.config/fish/completions/bench.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want a SHELL: %s", orList(shells))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			switch root := c.Root(); args[0] {
			case "bash":
				err = root.GenBashCompletionV2(s.out, true)
			case "zsh":
				err = root.GenZshCompletion(s.out)
			case "fish":
				err = root.GenFishCompletion(s.out, true)
			default:
				return usagef("unknown shell %q: want %s", args[0], orList(shells))
			}
			if err != nil {
				return noAnswerf("%w", err)
			}
			return nil
		},
	}
}

var shells = []string{"bash", "zsh", "fish"}
