//go:build linux

package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/conform"
	"c1m/internal/contract"
	"c1m/internal/engine"
	"c1m/internal/format"
	"c1m/internal/host"
	"c1m/internal/plan"
	"c1m/internal/proto"
	"c1m/internal/workload"
)

// conformFlags are the flags of bench conform.
type conformFlags struct {
	rowFlags
	protocols     []string
	only, without []string
	list          bool
	startLimit    time.Duration
	timeout       time.Duration
	format        string
	quiet         bool
}

// conformFormats are the formats of bench conform.
var conformFormats = []string{"text", "markdown", "json", "junit"}

func newConform(s streams) *cobra.Command {
	f := conformFlags{protocols: []string{string(proto.Echo)}, format: "text", timeout: contract.DefaultPatience}
	c := &cobra.Command{
		Use:   "conform",
		Short: "Check that servers behave correctly, before they are measured",
		Long: `A contract has clauses: data comes back unchanged and in order, a slow or greedy
client does not delay others, descriptors and processor time are released, the
server survives running out of descriptors, and more. -proto ws adds RFC 6455.
For each clause the server is started anew. Speed is not measured.

The table shows for each clause and server: ✓ kept, ✗ broken, – skipped, ? could
not be judged. Below it, a sentence for each broken clause says what was sent,
what was expected, and what came. docs/conformance.md gives the reasons.

A server of -target keeps running, and its processes cannot be observed: clauses
that need them are skipped. -only and -skip take the ids of clauses (-list), or
the parts before a dot: fd, ws.6.

What is found of servers other than the modes is kept in runs/conform. bench run
shows it below its table.

The exit code is 0 if every clause is kept or skipped, 1 if one is broken, 3 if
a server does not start or a clause could not be judged.`,
		Example: `  bench conform
  bench conform -modes none -exec mine='./mine {addr}' -proto echo,ws
  bench conform -modes none -peers gnet,nbio
  bench conform -modes none -target other=127.0.0.1:9000 -format junit
  bench conform -modes epoll -only fd,stop
  bench conform -list -proto ws`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), s) },
	}
	flags := c.Flags()
	grouped(flags, groupRows, func(flags *pflag.FlagSet) {
		f.rowFlags.declare(flags)
	})
	grouped(flags, groupRun, func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&f.protocols, "proto", f.protocols, "`PROTOCOLS` "+proto.Help())
		flags.StringSliceVar(&f.only, "only", nil, "`CLAUSES` to check (default: all)")
		flags.StringSliceVar(&f.without, "skip", nil, "`CLAUSES` not to check")
		flags.DurationVar(&f.timeout, "timeout", f.timeout, "longest wait for a reply; more for slow machines")
		flags.DurationVar(&f.startLimit, "exec-start-timeout", engine.DefaultStartLimit, "until a command listens")
	})
	grouped(flags, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.format, "format", f.format, "`FORMAT` "+orList(conformFormats))
		flags.BoolVar(&f.list, "list", false, "print the clauses; start nothing")
		flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
	})
	offer(flags, "modes", append(everyMode(), "all", "none")...)
	offer(flags, "format", conformFormats...)
	f.peers.complete(c)
	common(c, "modes", "peers", "exec", "target", "proto", "only", "skip", "format")
	return c
}

// conformPart is what is done in one protocol: which servers are held to which clauses.
type conformPart struct {
	protocol proto.Protocol
	clauses  []contract.Clause
	subjects []conform.Subject
}

func (f conformFlags) run(ctx context.Context, s streams) error {
	if err := oneOf("format", f.format, conformFormats...); err != nil {
		return err
	}
	if err := checkTime("exec-start-timeout", f.startLimit, 1); err != nil {
		return err
	}
	if err := checkTime("timeout", f.timeout, time.Second); err != nil {
		return err
	}
	parts, err := f.clauses()
	if err != nil {
		return err
	}
	if f.list {
		return listClauses(s, parts)
	}
	peers, err := f.peers.open(f.protocols)
	if err != nil {
		return err
	}
	request := plan.Request{Modes: f.modes, Unavailable: unavailable(engineLocal), Peers: peers.rows(), Execs: f.execs, Targets: f.targets, Load: workload.Given{"proto": f.protocols}}
	cells, err := request.Servers(plan.ThisMachine())
	if err != nil {
		return runUsage(err)
	}
	if _, err := host.RaiseDescriptors(); err != nil {
		return noAnswerf("descriptors: %w", err)
	}
	display := newDisplay(s.err, f.quiet)
	if cells, err = peers.ready(ctx, "conform", cells, display); err != nil {
		return err
	}
	if len(cells) == 0 {
		return noAnswerf("none of the servers of -peers can run here")
	}
	local, err := engine.NewLocal("")
	if err != nil {
		return noAnswerf("%w", err)
	}
	defer local.Close()
	local.StartLimit, local.Interrupted = f.startLimit, ctx.Done()
	for i, part := range parts {
		for _, cell := range cells {
			if cell.Protocol == part.protocol {
				parts[i].subjects = append(parts[i].subjects, subjectOf(local, cell, f.timeout))
			}
		}
	}
	servers, err := peers.identifyAll(ctx, cells)
	if err != nil {
		return err
	}
	var reports []conform.Report
	for _, part := range parts {
		reports = append(reports, conform.Run(ctx, part.protocol, part.clauses, part.subjects, func(step conform.Step) {
			if display.width > 0 && !f.quiet {
				display.draw(fmt.Sprintf("%d/%d · %s · %s %s", step.At+1, step.Of, step.Name, step.Clause.ID, step.Clause.Title))
			}
		}))
	}
	display.end()
	if err := keepConformance(reports, servers, time.Now()); err != nil {
		fmt.Fprintf(s.err, "bench conform: not kept for bench run: %v\n", err)
	}
	if err := f.write(s, reports); err != nil {
		return noAnswerf("%w", err)
	}
	return concludeConform(ctx, reports, peers)
}

// clauses are the clauses chosen, by protocol.
func (f conformFlags) clauses() ([]conformPart, error) {
	only, without := newChoice("only", f.only), newChoice("skip", f.without)
	var parts []conformPart
	for _, name := range f.protocols {
		p, err := proto.ParseProtocol(strings.TrimSpace(name))
		if err != nil {
			return nil, usagef("-proto: %w", err)
		}
		if slices.ContainsFunc(parts, func(part conformPart) bool { return part.protocol == p }) {
			return nil, usagef("-proto %s: given twice", p)
		}
		part := conformPart{protocol: p}
		for _, clause := range contract.For(p) {
			wanted := len(f.only) == 0 || only.has(clause)
			if without.has(clause) || !wanted {
				continue
			}
			part.clauses = append(part.clauses, clause)
		}
		parts = append(parts, part)
	}
	for _, c := range []choice{only, without} {
		for i, word := range c.words {
			if !c.used[i] {
				return nil, usagef("-%s %q: no clause of -proto %s; see bench conform -list", c.flag, word, strings.Join(f.protocols, ","))
			}
		}
	}
	parts = slices.DeleteFunc(parts, func(part conformPart) bool { return len(part.clauses) == 0 })
	if len(parts) == 0 {
		return nil, usagef("-skip: no clause is left; skip fewer")
	}
	return parts, nil
}

// choice is the clauses that a flag names.
type choice struct {
	flag  string
	words []string
	used  []bool // which words name a clause
}

func newChoice(flag string, words []string) choice {
	return choice{flag, words, make([]bool, len(words))}
}

// has reports whether a word of the flag names a clause, and marks those that do.
func (c choice) has(clause contract.Clause) bool {
	found := false
	for i, word := range c.words {
		if clause.Matches(strings.TrimSpace(word)) {
			c.used[i], found = true, true
		}
	}
	return found
}

// listClauses prints the clauses, each once.
func listClauses(s streams, parts []conformPart) error {
	var out bytes.Buffer
	for _, part := range parts {
		for _, clause := range part.clauses {
			format.Hang(&out, fmt.Sprintf("%-5s %-15s ", part.protocol, clause.ID), clause.Title)
		}
	}
	if _, err := s.out.Write(out.Bytes()); err != nil {
		return noAnswerf("%w", err)
	}
	return nil
}

// write prints what was found.
func (f conformFlags) write(s streams, reports []conform.Report) error {
	var out bytes.Buffer
	switch f.format {
	case "json":
		if err := conform.AppendJSON(&out, "bench "+buildInfo().String(), reports); err != nil {
			return err
		}
	case "junit":
		if err := conform.AppendJUnit(&out, reports); err != nil {
			return err
		}
	default:
		_, width := terminalOf(s.out)
		for i, r := range reports {
			if i > 0 {
				out.WriteByte('\n')
			}
			if f.format == "markdown" {
				r.AppendMarkdown(&out)
			} else {
				r.AppendText(&out, width)
			}
		}
	}
	_, err := s.out.Write(out.Bytes())
	return err
}

// concludeConform returns the error, or the exit code, that the reports mean.
func concludeConform(ctx context.Context, reports []conform.Report, peers *peerRows) error {
	code := exitOK
	for _, r := range reports {
		switch {
		case ctx.Err() != nil:
			return noAnswerf("interrupted")
		case r.Failed() > 0:
			return noAnswerf("%d of %s did not start", r.Failed(), format.Plural(len(r.Rows), "server"))
		case r.Unknown() > 0:
			return noAnswerf("%s could not be judged", format.Plural(r.Unknown(), "clause"))
		case r.Broken() > 0:
			code = exitNo // the table says which
		}
	}
	if err := peers.missed(); err != nil {
		return err
	}
	return silent(code)
}
