//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/format"
	"c1m/internal/workload"
)

// The groups in which help lists flags, besides those of a workload.
const (
	groupRows       = "Rows"
	groupServer     = "Server"
	groupInput      = "Input"
	groupLoad       = workload.GroupLoad
	groupTraffic    = workload.GroupTraffic
	groupRun        = "Run"
	groupContainers = "Containers"
	groupVerdict    = "Verdict"
	groupOutput     = "Output"
)

// groups returns all groups, in the order of help.
var groups = []string{
	groupRows, groupServer, groupInput, groupLoad, groupTraffic, groupRun, groupContainers, groupVerdict, groupOutput,
}

// The annotations of a flag that help uses.
const (
	inGroup    = "group"
	valueName  = "value"
	commonFlag = "common"
)

func annotate(f *pflag.Flag, key string, values ...string) {
	if f.Annotations == nil {
		f.Annotations = make(map[string][]string)
	}
	f.Annotations[key] = values
}

func annotation(f *pflag.Flag, key string) string {
	if values := f.Annotations[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// grouped declares the flags of a group.
func grouped(flags *pflag.FlagSet, group string, declare func(*pflag.FlagSet)) {
	own := pflag.NewFlagSet(group, pflag.ContinueOnError)
	own.SortFlags = false
	declare(own)
	own.VisitAll(func(f *pflag.Flag) { annotate(f, inGroup, group) })
	flags.AddFlagSet(own)
}

// common marks the flags that -h lists; --help lists all.
func common(c *cobra.Command, names ...string) {
	for _, name := range names {
		annotate(c.Flags().Lookup(name), commonFlag, "true")
	}
}

// nameValues removes the name of a value, in backticks, from the start of each usage, because
// completion shows the usage unchanged.
func nameValues(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := f.Value.Type()
		switch name {
		case "bool":
			name = ""
		case "duration":
			name = "TIME"
		case "int", "uint64":
			name = "COUNT"
		}
		if rest, named := strings.CutPrefix(f.Usage, "`"); named {
			name, f.Usage, _ = strings.Cut(rest, "` ")
		}
		annotate(f, valueName, name)
	})
}

// shortHelp is the value of -h, which, unlike --help, shows the short help. It ends parsing.
type shortHelp bool

func (s *shortHelp) String() string { return fmt.Sprint(bool(*s)) }
func (s *shortHelp) Type() string   { return "bool" }

func (s *shortHelp) Set(string) error {
	*s = true
	return pflag.ErrHelp
}

// addHelp declares -h and --help.
func addHelp(c *cobra.Command) {
	short := c.Flags().VarPF(new(shortHelp), "h", "h", "the most common flags")
	short.NoOptDefVal, short.Hidden = "true", true
	c.Flags().Bool("help", false, "every flag")
}

// showHelp is called by cobra for -h, --help, and the command help.
func showHelp(c *cobra.Command, _ []string) {
	short := c.Flags().Lookup("h")
	var b bytes.Buffer
	writeHelp(&b, c, short == nil || short.Value.String() != "true")
	io.Copy(c.OutOrStdout(), &b)
}

// writeHelp writes the help of a command, with all flags or only the common ones.
func writeHelp(b *bytes.Buffer, c *cobra.Command, whole bool) {
	usage := c.UseLine()
	if c.HasSubCommands() {
		usage = c.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(b, "%s.\n\nUsage: %s\n", c.Short, usage)
	if c.Example != "" {
		fmt.Fprintf(b, "\nExamples:\n%s\n", c.Example)
	}
	if whole && c.Long != "" {
		fmt.Fprintf(b, "\n%s\n", c.Long)
	}
	if names := commandNames(c); len(names) > 0 {
		fmt.Fprintf(b, "\nCommands:\n")
		for _, sub := range c.Commands() {
			if !sub.Hidden {
				format.Hang(b, fmt.Sprintf("  %-11s ", sub.Name()), sub.Short)
			}
		}
		if !c.HasParent() {
			fmt.Fprintf(b, "\nTopics, shown by %s help TOPIC:\n", c.Name())
			for _, t := range topics() {
				format.Hang(b, fmt.Sprintf("  %-11s ", t.name), t.short)
			}
		}
	}
	hidden := writeFlags(b, c.Flags(), whole)
	b.WriteString("\n")
	if hidden {
		fmt.Fprintf(b, "%s --help lists every flag.\n", c.CommandPath())
	}
	if len(commandNames(c)) == 0 {
		fmt.Fprintf(b, "More: bench help %s\n", strings.Join(topicNames(), "|"))
	} else if !c.HasParent() {
		fmt.Fprintf(b, "%s COMMAND -h lists the common flags of a command, --help every flag.\n", c.Name())
	}
}

// maxLead is the maximum width of the column of flag names.
const maxLead = 28

// writeFlags lists flags by group. It reports whether it omitted some.
func writeFlags(b *bytes.Buffer, flags *pflag.FlagSet, whole bool) (hidden bool) {
	lead := 0
	members := make(map[string][]*pflag.Flag)
	flags.VisitAll(func(f *pflag.Flag) {
		group := annotation(f, inGroup)
		switch {
		case f.Hidden || group == "":
		case whole || annotation(f, commonFlag) != "":
			members[group] = append(members[group], f)
			lead = max(lead, utf8.RuneCountInString(flagName(f))+4)
		default:
			hidden = true
		}
	})
	lead = min(lead, maxLead)
	for _, group := range groups {
		if len(members[group]) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s:\n", group)
		for _, f := range members[group] {
			format.Hang(b, fmt.Sprintf("  %-*s", lead-2, flagName(f)), f.Usage+shownDefault(f))
		}
	}
	return hidden
}

// flagName formats the names and the value of a flag: -c, -concurrency COUNT.
func flagName(f *pflag.Flag) string {
	text := "-" + f.Name
	if f.Shorthand != "" && f.Shorthand != f.Name {
		text = "-" + f.Shorthand + ", " + text
	}
	if value := annotation(f, valueName); value != "" {
		text += " " + value
	}
	return text
}

// shownDefault returns the suffix of a usage with the default value.
func shownDefault(f *pflag.Flag) string {
	text := strings.Trim(f.DefValue, "[]")
	if f.Value.Type() == "duration" && text != "0s" {
		text = strings.TrimSuffix(text, "m0s") + strings.Repeat("m", strings.Count(text, "m0s"))
	}
	switch text {
	case "", "0", "0s", "false":
		return ""
	}
	if strings.Contains(f.Usage, "(default") {
		return ""
	}
	return " (default " + text + ")"
}
