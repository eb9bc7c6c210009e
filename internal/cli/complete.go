//go:build linux

package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/servers"
)

// choices is the key of the values that a flag can have, or what they can begin
// with, among a flag's annotations.
const choices = "choices"

// offer makes a shell offer these values of a flag.
func offer(flags *pflag.FlagSet, name string, words ...string) {
	annotate(flags.Lookup(name), choices, words...)
}

// everyMode is every mode, and every variant of those that have several.
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

// completeValues tells cobra what a shell may offer for the arguments of a
// command and for the values of its flags. A value without choices that is no
// file's name gets no files either.
func completeValues(c *cobra.Command) {
	if c.ValidArgsFunction == nil && c.ValidArgs == nil && !strings.Contains(c.Use, " ") {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if value := annotation(f, valueName); value == "FILE" || value == "COMMAND" || value == "NAME=COMMAND" || value == "" {
			return
		}
		// The flag is there, and has no function yet.
		_ = c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return valuesOf(f, typed)
		})
	})
}

// valuesOf are the choices of a flag that go on what was typed: its last
// element, where the flag takes a list.
func valuesOf(f *pflag.Flag, typed string) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	before := ""
	if isList(f) {
		before = typed[:strings.LastIndexByte(typed, ',')+1]
		directive |= cobra.ShellCompDirectiveNoSpace // another may follow
	}
	var words []string
	for _, word := range f.Annotations[choices] {
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

// runFiles offers files of runs, up to a number of them; 0 is any.
func runFiles(most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
}

// isCompletion reports whether a shell asks what could follow. The last argument
// is what was typed of a word.
func isCompletion(args []string) bool {
	return len(args) > 1 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// ofOneDash reports whether a word is the beginning of a flag with one dash.
func ofOneDash(word string) bool {
	return strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--")
}

// oneDash writes flags as they were typed, with one dash: a shell drops what does
// not begin with what was typed. Cobra writes a line at a time.
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

// completionArgs are the arguments of a shell's question as cobra wants them:
// with two dashes, and the word that is being typed as the beginning of a long
// flag.
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
