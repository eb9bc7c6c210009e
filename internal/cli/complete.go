//go:build linux

package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/servers"
)

// choices is the annotation of a flag with its possible values, or their beginnings.
const choices = "choices"

// offer sets the values of a flag that completion offers.
func offer(flags *pflag.FlagSet, name string, words ...string) {
	annotate(flags.Lookup(name), choices, words...)
}

// everyMode returns every mode and every variant.
func everyMode() []string {
	var words []string
	for _, m := range servers.Modes() {
		words = append(words, m.Name)
		for _, v := range m.Variants {
			words = append(words, m.Name+":"+v)
		}
	}
	return words
}

// completeValues sets the completion of a command's arguments and flags. File names are
// offered only for flags whose value is one.
func completeValues(c *cobra.Command) {
	if c.ValidArgsFunction == nil && c.ValidArgs == nil && !strings.Contains(c.Use, " ") {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if value := annotation(f, valueName); value == "FILE" || value == "COMMAND" || value == "NAME=COMMAND" || value == "" {
			return
		}
		// Cannot fail: the flag exists and has no function yet.
		_ = c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return valuesOf(f, typed)
		})
	})
}

// valuesOf returns the choices of a flag that begin with the text typed; in a list, with its
// last element.
func valuesOf(f *pflag.Flag, typed string) ([]string, cobra.ShellCompDirective) {
	return wordsOf(f, f.Annotations[choices], typed)
}

// wordsOf is valuesOf with the choices of the moment.
func wordsOf(f *pflag.Flag, choices []string, typed string) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	before := ""
	if isList(f) {
		before = typed[:strings.LastIndexByte(typed, ',')+1]
		directive |= cobra.ShellCompDirectiveNoSpace // another may follow
	}
	var words []string
	for _, word := range choices {
		if strings.HasSuffix(word, ":") || strings.HasSuffix(word, "=") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		if word = before + word; strings.HasPrefix(word, typed) {
			words = append(words, word)
		}
	}
	return words, directive
}

func isList(f *pflag.Flag) bool {
	switch value := f.Value.(type) {
	case *workloadValue:
		return value.list
	case pflag.SliceValue:
		return true
	}
	return false
}

// runFiles offers run files, at most a number of arguments; 0 means any.
func runFiles(most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
}

// isCompletion reports whether args are a completion request. Its last argument is the word
// being typed.
func isCompletion(args []string) bool {
	return len(args) > 1 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// ofOneDash reports whether a word is the beginning of a flag with one dash.
func ofOneDash(word string) bool {
	return strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--")
}

// oneDash removes one of two dashes from completions: a shell drops those that do not begin
// with the text typed. Cobra writes a line at a time.
type oneDash struct{ w io.Writer }

func (d oneDash) Write(line []byte) (int, error) {
	text := line
	if strings.HasPrefix(string(line), "--") {
		text = line[1:]
	}
	if _, err := d.w.Write(text); err != nil {
		return 0, err
	}
	return len(line), nil
}

// completionArgs converts a completion request for cobra: flags, and the word being typed,
// get two dashes.
func completionArgs(root *cobra.Command, args []string) []string {
	given, word := args[1:len(args)-1], args[len(args)-1]
	command, words := descend(root, given)
	list := append([]string{args[0]}, given[:words]...)
	list = append(list, Normalise(given[words:], command.Flags())...)
	if ofOneDash(word) {
		word = "-" + word
	}
	return append(list, word)
}
