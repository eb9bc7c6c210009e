//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/plain"
)

// streams are a command's standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the command with that name (server, client or bench) and returns the exit code.
// The first SIGINT, SIGTERM or SIGHUP ends the command gracefully; the second kills it.
func Main(name string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as by nohup
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, name, args, streams{stdin, stdout, stderr})
}

// run is Main without the signals.
func run(ctx context.Context, name string, args []string, s streams) int {
	s.out, s.err = plain.Writer{W: s.out}, plain.Writer{W: s.err}
	if isCompletion(args) && ofOneDash(args[len(args)-1]) {
		s.out = oneDash{s.out}
	}
	var root *cobra.Command
	switch name {
	case "server":
		root = newServer(s)
	case "client":
		root = newClient(s)
	default:
		root = newBench(s, args)
	}
	root.SetHelpFunc(showHelp)
	prepare(root, s)
	root.Version = buildInfo().String()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.InitDefaultVersionFlag()

	command, words := descend(root, args)
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.AddFlagSet(command.Flags())
	flags.AddFlagSet(command.PersistentFlags())
	flags.AddFlagSet(command.InheritedFlags())
	acceptSpellings(flags)
	root.SetArgs(append(args[:words:words], Normalise(args[words:], flags)...))
	if isCompletion(args) {
		root.SetArgs(completionArgs(root, args))
	}

	err := unknownCommand(command, args[words:])
	if err == nil {
		err = execute(ctx, root, command)
	}
	if err == nil {
		return exitOK
	}
	var known *exitError
	if !errors.As(err, &known) {
		// An error of cobra: an unknown command, too many arguments.
		known = &exitError{exitUsage, err}
	}
	if text := known.Error(); text != "" {
		text, _, _ = strings.Cut(text, "\n") // one line, always
		fmt.Fprintf(s.err, "%s: %s\n", command.CommandPath(), text)
	}
	return known.code
}

// prepare sets the common properties of all commands.
func prepare(c *cobra.Command, s streams) {
	c.SilenceUsage, c.SilenceErrors = true, true
	c.DisableAutoGenTag = true
	c.SetIn(s.in)
	c.SetOut(s.out)
	c.SetErr(s.err)
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(err, c.Flags()) })
	c.PreRunE = func(c *cobra.Command, _ []string) error { return checkLists(c.Flags()) }
	c.Flags().SortFlags = false
	acceptSpellings(c.Flags())
	nameValues(c.Flags())
	completeValues(c)
	addHelp(c)
	for _, sub := range c.Commands() {
		prepare(sub, s)
	}
}

// descend follows the subcommands at the start of args. It returns the last
// command found and the number of words that led there.
func descend(c *cobra.Command, args []string) (*cobra.Command, int) {
	for i, word := range args {
		next := -1
		for j, sub := range c.Commands() {
			if sub.Name() == word || sub.HasAlias(word) {
				next = j
			}
		}
		if next < 0 {
			return c, i
		}
		c = c.Commands()[next]
	}
	return c, len(args)
}

// unknownCommand refuses an unknown subcommand before its flags are parsed, which belong to
// another command.
func unknownCommand(c *cobra.Command, args []string) error {
	if !c.HasSubCommands() || len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return nil
	}
	return usagef("unknown command %q: %s", args[0], didYouMean(args[0], commandNames(c), wantCommand(c)))
}

// flagError rewrites an error of pflag with the flag as users type it.
func flagError(err error, flags *pflag.FlagSet) error {
	var (
		invalid *pflag.InvalidValueError
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case errors.As(err, &invalid):
		reason := errors.Unwrap(invalid)
		if strings.Contains(reason.Error(), "time: ") {
			reason = errors.New("want a duration, such as 500ms, 10s or 2m")
		} else if strings.Contains(reason.Error(), "strconv.") {
			reason = errors.New("want a number")
		}
		return usagef("-%s %q: %w", short(invalid.GetFlag()), invalid.GetValue(), reason)
	case errors.As(err, &unknown):
		name := strings.TrimLeft(unknown.GetSpecifiedName(), "-")
		if near := nearest(name, longNames(flags)); near != "" { // perhaps another spelling
			return usagef("unknown flag -%s: did you mean -%s?", name, flags.Lookup(near).Name)
		}
		return usagef("unknown flag -%s: see --help", name)
	case errors.As(err, &missing):
		return usagef("-%s: needs a value", short(missing.GetFlag()))
	}
	return usagef("%w", err)
}

// checkLists refuses an empty list: an unset variable must not mean the default.
func checkLists(flags *pflag.FlagSet) error {
	var err error
	flags.Visit(func(f *pflag.Flag) {
		if list, is := f.Value.(pflag.SliceValue); is && len(list.GetSlice()) == 0 && err == nil {
			err = usagef("-%s: empty: want at least one value; omit the flag for the default", short(f))
		}
	})
	return err
}

// short returns the short name of a flag, or its long name.
func short(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return f.Shorthand
	}
	return f.Name
}

// orList formats a list: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// noArguments refuses arguments that are not flags.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q: this command takes only flags; see --help", args[0])
	}
	return nil
}

// oneOf refuses a value that is not allowed.
func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return usagef("-%s %q: want one of %s", flag, value, strings.Join(allowed, ", "))
}
