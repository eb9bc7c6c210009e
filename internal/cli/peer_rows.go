//go:build linux

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/format"
	"c1m/internal/peers"
	"c1m/internal/plain"
	"c1m/internal/plan"
	"c1m/internal/proto"
	"c1m/internal/result"
)

// peerFlags are the flags of commands that take peers as rows.
type peerFlags struct {
	names []string
	dir   string
}

func (f *peerFlags) declare(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.names, "peers", nil, "`PEERS` servers on known libraries, or all; bench peers lists them")
	peersDirFlag(flags, &f.dir)
}

// complete offers the names of peers.
func (f *peerFlags) complete(c *cobra.Command) {
	flag := c.Flags().Lookup("peers")
	// Cannot fail: the flag exists and has no function yet.
	_ = c.RegisterFlagCompletionFunc(flag.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		words := []string{peers.All}
		if set, err := openPeers(f.dir); err == nil {
			words = append(set.Names(), peers.All)
		}
		return wordsOf(flag, words, typed)
	})
}

// peerRows are the rows of a command that are peers.
type peerRows struct {
	set    *peers.Set
	chosen []peers.Peer
	named  bool // one by one: what is skipped was asked for

	skipped []string // the names of those that cannot be built or run here
}

// open reads the list and finds the peers that were named. It returns nil if there are none.
// Those of all that speak none of the protocols are left out.
func (f peerFlags) open(protocols []string) (*peerRows, error) {
	if len(f.names) == 0 {
		if f.dir != "" {
			return nil, usagef("-peers-dir requires -peers")
		}
		return nil, nil
	}
	set, err := openPeers(f.dir)
	if err != nil {
		return nil, err
	}
	if len(protocols) == 0 {
		protocols = []string{string(proto.Echo)}
	}
	speaks := func(p peers.Peer) bool {
		return slices.ContainsFunc(protocols, func(name string) bool {
			_, is := p.Protocols[proto.Protocol(strings.TrimSpace(name))]
			return is
		})
	}
	r := &peerRows{set: set, named: true}
	for _, name := range f.names {
		name = strings.TrimSpace(name)
		if name == peers.All {
			if len(f.names) > 1 {
				return nil, usagef("-peers all cannot be combined with other peers")
			}
			r.named = false
			r.chosen = slices.DeleteFunc(slices.Clone(set.Peers), func(p peers.Peer) bool { return !speaks(p) })
			continue
		}
		p, known := set.Find(name)
		switch {
		case !known:
			return nil, usagef("-peers: unknown peer %q: %s", name, didYouMean(name, set.Names(), "bench peers lists them"))
		case !speaks(p):
			return nil, usagef("-peers %s: has only -proto %s", name, joined(p.Speaks()))
		}
		r.chosen = append(r.chosen, p)
	}
	return r, nil
}

func joined(protocols []proto.Protocol) string {
	words := make([]string, len(protocols))
	for i, p := range protocols {
		words[i] = string(p)
	}
	return strings.Join(words, ",")
}

// rows are the peers as a plan has them.
func (r *peerRows) rows() []plan.Peer {
	if r == nil {
		return nil
	}
	list := make([]plan.Peer, len(r.chosen))
	for i, p := range r.chosen {
		list[i] = plan.Peer{Name: p.Name, Library: p.Library, Protocols: p.Speaks()}
	}
	return list
}

// of returns the peer of a cell.
func (r *peerRows) of(cell result.Cell) (peers.Peer, bool) {
	if r == nil || cell.Kind != result.KindExec {
		return peers.Peer{}, false
	}
	i := slices.IndexFunc(r.chosen, func(p peers.Peer) bool { return p.Name == cell.Row })
	if i < 0 {
		return peers.Peer{}, false
	}
	return r.chosen[i], true
}

// commands returns the cells with the commands and versions of their peers. It builds nothing.
func (r *peerRows) commands(ctx context.Context, cells []result.Cell) ([]result.Cell, error) {
	cells = slices.Clone(cells)
	for i, cell := range cells {
		p, is := r.of(cell)
		if !is {
			continue
		}
		program, err := r.set.Program(ctx, p)
		if err != nil {
			return nil, noAnswerf("-peers %s: %w", p.Name, err)
		}
		cells[i].Command = r.set.Command(p, cell.Protocol, program.Path)
		cells[i].Version = r.set.Version(ctx, p)
	}
	return cells, nil
}

// ready builds the peers of cells. It returns the cells that can be measured, with their
// commands; the others are named on stderr, with the reason and the fix.
func (r *peerRows) ready(ctx context.Context, command string, cells []result.Cell, display *display) ([]result.Cell, error) {
	if r == nil {
		return cells, nil
	}
	skip := func(name, why string) {
		if !slices.Contains(r.skipped, name) {
			r.skipped = append(r.skipped, name)
		}
		display.end()
		fmt.Fprintf(display.w, "bench %s: skipped: %s: %s\n", command, name, plain.Line(why))
	}
	cells, err := r.equipped(ctx, cells, skip)
	if err != nil {
		return nil, err
	}
	list, err := r.unbuilt(ctx, cells)
	if err != nil {
		return nil, err
	}
	defer display.end()
	for i, p := range list {
		display.step(fmt.Sprintf("building %s (%d of %d)", p.Name, i+1, len(list)))
		err := r.set.Build(ctx, p, time.Now())
		if ctx.Err() != nil {
			return nil, noAnswerf("interrupted")
		}
		if err != nil {
			skip(p.Name, "cannot be built: "+err.Error())
			var refused *peers.BuildError
			if errors.As(err, &refused) {
				showOutput(display.w, refused.Output)
			}
			cells = slices.DeleteFunc(cells, func(cell result.Cell) bool {
				other, is := r.of(cell)
				return is && other.Name == p.Name
			})
		}
	}
	return r.commands(ctx, cells)
}

// equipped returns the cells whose peers have what they need on this machine, in a list of
// its own. skip is called with the others, once for each peer and protocol.
func (r *peerRows) equipped(ctx context.Context, cells []result.Cell, skip func(name, why string)) ([]result.Cell, error) {
	type kind struct {
		peer     string
		protocol proto.Protocol
	}
	lacks := make(map[kind]bool)
	var list []result.Cell
	for _, cell := range cells {
		p, is := r.of(cell)
		if !is {
			list = append(list, cell)
			continue
		}
		key := kind{p.Name, cell.Protocol}
		if _, known := lacks[key]; !known {
			missing := r.set.Missing(ctx, p, cell.Protocol)
			if ctx.Err() != nil { // nothing is known
				return nil, noAnswerf("interrupted")
			}
			if lacks[key] = len(missing) > 0; lacks[key] {
				names := make([]string, len(missing))
				for i, need := range missing {
					names[i] = need.Name
				}
				skip(p.Name, fmt.Sprintf("-proto %s needs %s; fix: %s", cell.Protocol, strings.Join(names, ", "), peers.Fix(missing...)))
			}
		}
		if !lacks[key] {
			list = append(list, cell)
		}
	}
	return list, nil
}

// unbuilt lists the peers of cells whose programs are not in the cache.
func (r *peerRows) unbuilt(ctx context.Context, cells []result.Cell) ([]peers.Peer, error) {
	var list []peers.Peer
	for _, cell := range cells {
		p, is := r.of(cell)
		if !is || slices.ContainsFunc(list, func(other peers.Peer) bool { return other.Name == p.Name }) {
			continue
		}
		program, err := r.set.Program(ctx, p)
		if err != nil {
			return nil, noAnswerf("-peers %s: %w", p.Name, err)
		}
		if !program.Built {
			list = append(list, p)
		}
	}
	return list, nil
}

// mostOutput is how many lines of a compiler are shown.
const mostOutput = 10

// showOutput shows the start of what a compiler printed.
func showOutput(w io.Writer, text string) {
	n := 0
	for line := range strings.Lines(text) {
		if line = plain.Line(line); line == "" {
			continue
		}
		if n++; n > mostOutput {
			fmt.Fprintln(w, "  …")
			return
		}
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// missed is the error of peers that were asked for by name and skipped.
func (r *peerRows) missed() error {
	if r == nil || !r.named || len(r.skipped) == 0 {
		return nil
	}
	return noAnswerf("%s of -peers skipped: %s", format.Plural(len(r.skipped), "server"), strings.Join(r.skipped, ", "))
}
