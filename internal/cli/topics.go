//go:build linux

package cli

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// The files of topics: one line of summary, an empty line, and the text, in lines of at most 80
// columns. {modes} stands for the list of modes.
//
//go:embed topics/*.txt
var topicFiles embed.FS

// topic is an explanation of something common to several commands.
type topic struct{ name, short, text string }

// topics returns the topics in the order of their names.
func topics() []topic {
	files, err := fs.Glob(topicFiles, "topics/*.txt")
	if err != nil {
		panic(err) // cannot fail: the pattern is constant
	}
	list := make([]topic, len(files))
	for i, file := range files {
		text, err := topicFiles.ReadFile(file)
		if err != nil {
			panic(err) // cannot fail: it is embedded
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "topics/"), ".txt")
		short, body, _ := strings.Cut(strings.ReplaceAll(string(text), "{modes}\n", describeModes()+"\n"), "\n\n")
		list[i] = topic{name, short, body}
	}
	return list
}

func topicNames() []string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

// newHelp returns the command help, for commands and topics.
func newHelp(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | TOPIC]",
		Short: "Explain a command, or a topic",
		Example: `  bench help run
  bench help traffic`,
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) (words []string, _ cobra.ShellCompDirective) {
			if len(args) == 0 {
				words = append(commandNames(c.Root()), topicNames()...)
			}
			return slices.DeleteFunc(words, func(w string) bool { return !strings.HasPrefix(w, typed) }), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			var b bytes.Buffer
			defer func() { fmt.Fprint(s.out, b.String()) }()
			if len(args) == 0 {
				writeHelp(&b, c.Root(), true)
				return nil
			}
			if found, words := descend(c.Root(), args); words == len(args) {
				writeHelp(&b, found, true)
				return nil
			}
			for _, t := range topics() {
				if len(args) == 1 && t.name == args[0] {
					fmt.Fprintf(&b, "%s%s: %s.\n\n%s", strings.ToUpper(t.name[:1]), t.name[1:], t.short, t.text)
					return nil
				}
			}
			names := append(commandNames(c.Root()), topicNames()...)
			return usagef("unknown topic %q: %s", strings.Join(args, " "), didYouMean(args[0], names, "see bench help"))
		},
	}
}
