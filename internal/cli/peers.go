//go:build linux

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/format"
	"c1m/internal/peers"
	"c1m/internal/plain"
	"c1m/internal/proto"
)

// openPeers reads the list of peers of a folder; empty is the usual one.
func openPeers(dir string) (*peers.Set, error) {
	if dir == "" {
		found, err := peers.Folder()
		if err != nil {
			return nil, usagef("%w; name the folder peers of c1m's sources with -peers-dir", err)
		}
		dir = found
	}
	cache, err := peers.Cache()
	if err != nil {
		return nil, noAnswerf("%w", err)
	}
	set, err := peers.Open(dir, cache)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("-peers-dir %s: has no %s; use the folder peers of c1m's sources", dir, peers.List)
	case err != nil:
		return nil, usagef("-peers-dir: %w", err)
	}
	return set, nil
}

// peersFlags are the flags of bench peers.
type peersFlags struct {
	dir    string
	format string
}

func newPeers(s streams) *cobra.Command {
	f := peersFlags{format: "text"}
	c := &cobra.Command{
		Use:   "peers",
		Short: "List the servers on known libraries that can be rows",
		Long: `bench run and bench conform take their names with -peers. Each server is a small
program with the settings that the authors of its library recommend; its
sources, and the reasons, are in the folder peers. It is built when it is first
needed.`,
		Example: `  bench peers
  bench run -peers gnet,nbio,netpoll -conns 1k
  bench run -modes none -peers all -proto ws`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), s) },
	}
	grouped(c.Flags(), groupInput, func(flags *pflag.FlagSet) { peersDirFlag(flags, &f.dir) })
	grouped(c.Flags(), groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.format, "format", f.format, "`FORMAT` text or json")
	})
	offer(c.Flags(), "format", "text", "json")
	common(c, "peers-dir", "format")
	return c
}

func peersDirFlag(flags *pflag.FlagSet, dir *string) {
	flags.StringVar(dir, "peers-dir", "", "`DIR` folder of peers (default: that of c1m's sources)")
	annotate(flags.Lookup("peers-dir"), cobra.BashCompSubdirsInDir) // completion offers directories
}

// peerState is a peer as bench peers lists it.
type peerState struct {
	Name      string          `json:"name"`
	Language  string          `json:"language"`
	Library   string          `json:"library"`
	Version   string          `json:"version,omitempty"` // absent if the library is missing
	Built     bool            `json:"built"`             // or there is nothing to build
	Protocols []peerProtocols `json:"protocols"`
}

type peerProtocols struct {
	Protocol proto.Protocol `json:"protocol"`
	Ready    bool           `json:"ready"`
	Missing  []missingNeed  `json:"missing,omitempty"`
}

type missingNeed struct {
	Name string `json:"name"`
	Fix  string `json:"fix"`
}

func (f peersFlags) run(ctx context.Context, s streams) error {
	if err := oneOf("format", f.format, "text", "json"); err != nil {
		return err
	}
	set, err := openPeers(f.dir)
	if err != nil {
		return err
	}
	states := make([]peerState, 0, len(set.Peers))
	for _, p := range set.Peers {
		state := peerState{Name: p.Name, Language: p.Language, Library: p.Library, Version: set.Version(ctx, p)}
		for _, protocol := range p.Speaks() {
			one := peerProtocols{Protocol: protocol}
			for _, need := range set.Missing(ctx, p, protocol) {
				one.Missing = append(one.Missing, missingNeed{need.Name, peers.Fix(need)})
			}
			one.Ready = len(one.Missing) == 0
			state.Protocols = append(state.Protocols, one)
		}
		program, err := set.Program(ctx, p)
		if err != nil {
			return noAnswerf("%w", err)
		}
		state.Built = program.Built
		states = append(states, state)
	}
	if ctx.Err() != nil {
		return noAnswerf("interrupted")
	}
	var out bytes.Buffer
	if f.format == "json" {
		text, err := plain.Document(struct {
			Dir   string      `json:"dir"`
			Peers []peerState `json:"peers"`
		}{set.Dir, states})
		if err != nil {
			return noAnswerf("%w", err)
		}
		out.Write(text)
	} else {
		writePeers(&out, states)
	}
	if _, err := s.out.Write(out.Bytes()); err != nil {
		return noAnswerf("%w", err)
	}
	return nil
}

// writePeers writes peers as a table, and below it what is missing.
func writePeers(out *bytes.Buffer, states []peerState) {
	lines := [][]string{{"name", "language", "library", "version", "protocols", "state"}}
	var missing []missingNeed
	lacking := make(map[missingNeed][]string) // the peers that lack it
	for _, p := range states {
		var protocols []string
		ready := 0
		for _, one := range p.Protocols {
			protocols = append(protocols, string(one.Protocol))
			if one.Ready {
				ready++
			}
			for _, need := range one.Missing {
				if lacking[need] == nil {
					missing = append(missing, need)
				}
				if !slices.Contains(lacking[need], p.Name) {
					lacking[need] = append(lacking[need], p.Name)
				}
			}
		}
		state := "missing"
		switch {
		case ready == len(p.Protocols):
			state = "ready"
		case ready > 0:
			state = "partly"
		}
		version := p.Version
		if version == "" {
			version = format.Absent
		}
		library := strings.TrimPrefix(p.Library, "github.com/")
		lines = append(lines, []string{p.Name, p.Language, library, version, strings.Join(protocols, ","), state})
	}
	limits := []int{18, 10, 18, 14, 9, 7} // 80 columns with the gaps between
	widths := make([]int, len(limits))
	for _, line := range lines {
		for i, text := range line {
			line[i] = format.Shorten(plain.Line(text), limits[i])
			widths[i] = max(widths[i], format.Length(line[i]))
		}
	}
	gap := " "
	if total := 2 * (len(widths) - 1); total+sum(widths) <= format.Width {
		gap = "  "
	}
	for _, line := range lines {
		var text strings.Builder
		for i, word := range line {
			text.WriteString(format.Pad(word, widths[i]) + gap)
		}
		out.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
	if len(missing) > 0 {
		out.WriteByte('\n')
	}
	for _, need := range missing {
		format.Wrap(out, fmt.Sprintf("missing: %s, for %s; fix: %s", plain.Line(need.Name), strings.Join(lacking[need], ", "), plain.Line(need.Fix)), "  ")
	}
}

func sum(list []int) int {
	total := 0
	for _, n := range list {
		total += n
	}
	return total
}
