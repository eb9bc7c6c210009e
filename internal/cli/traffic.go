//go:build linux

package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/load"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/servers"
)

// trafficFlags are those flags of bench run that say what connections carry.
// Each list measures every value.
type trafficFlags struct {
	protos   []string
	upgrades []string
	sizes    sizes
	works    []string
	busy     parts
	idle     bool

	pipeline counts
	churn    amounts
	storm    bool

	push pushLists

	handshake handshakeFlags
}

// plainTraffic is what connections carry by default.
func plainTraffic() trafficFlags {
	return trafficFlags{
		protos: []string{string(proto.Echo)}, upgrades: []string{string(servers.UpgradeTCP)},
		sizes: sizes{8}, works: []string{"none"}, push: plainPush(),
	}
}

// register declares the flags that only bench run has.
func (f *trafficFlags) register(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.protos, "proto", f.protos, "`PROTOCOL`: echo or ws (WebSocket); a list measures each")
	flags.StringSliceVar(&f.upgrades, "upgrade", f.upgrades, "how goroutine:pair upgrades a WebSocket: tcp, from the connection's bytes, or http, by net/http; a list measures each")
	flags.StringSliceVar(&f.works, "work", f.works, "`WORK` per message: none, sleep:DURATION or cpu:ROUNDS of SHA-256; a list measures each")
	flags.Var(&f.busy, "busy", "connections that carry requests, or their share, such as 1%, while the others stay idle; a list measures each (default: all)")
	flags.Var(&f.pipeline, "pipeline", "requests that each busy connection has in flight; a list measures each (default: 1)")
	flags.Var(&f.churn, "churn", "connections per second, over all replicas, that are closed and opened anew; a list measures each (default: none)")
	flags.BoolVar(&f.storm, "storm", false, "close all connections in mid-window, and open them again at once, as clients do after an outage; the window is then "+stormWindows+" unless -d is given")
	f.push.register(flags)
	f.handshake.register(flags)
	flags.BoolVar(&f.idle, "idle", false, "connect, and hold the connections without a request: what they cost in memory")
}

// shape is what the connections of a cell carry.
type shape struct {
	protocol string
	size     int
	work     servers.Work
	busy     int // 0: all
	idle     bool

	pipeline int     // 0: 1
	churn    float64 // connections per second
	storm    bool

	push pushed
}

// shapes are what is measured on so many connections, in the table's order.
func (f trafficFlags) shapes(conns int) []shape {
	list := []shape{{idle: f.idle, storm: f.storm}}
	list = times(list, f.protos, func(s shape, protocol string) shape { s.protocol = protocol; return s })
	list = times(list, f.sizes, func(s shape, size int) shape { s.size = size; return s })
	list = times(list, f.works, func(s shape, work string) shape { s.work, _ = servers.ParseWork(work); return s })
	list = times(list, f.busy, func(s shape, p part) shape {
		if s.busy = p.of(conns); s.busy == conns { // all, as if nothing was said
			s.busy = 0
		}
		return s
	})
	list = times(list, f.pipeline, func(s shape, n int) shape { s.pipeline = n; return s })
	list = times(list, f.churn, func(s shape, v float64) shape { s.churn = v; return s })
	list = times(list, f.push.values(), func(s shape, p pushed) shape { s.push = p; return s })
	return list
}

// times is every shape with every value; without values, the shapes as they are.
func times[S, T any](list []S, values []T, with func(S, T) S) []S {
	if len(values) == 0 {
		return list
	}
	var all []S
	for _, s := range list {
		for _, v := range values {
			all = append(all, with(s, v))
		}
	}
	return all
}

// on is the cell with these connections.
func (s shape) on(cell result.Cell) result.Cell {
	cell.Protocol, cell.Size, cell.Busy, cell.Idle = s.protocol, s.size, s.busy, s.idle
	cell.Churn, cell.Storm = s.churn, s.storm
	cell = s.push.on(cell)
	if s.pipeline > 1 { // 1 is what a cell has that says nothing
		cell.Pipeline = s.pipeline
	}
	if s.busy > 0 { // a loop without a busy connection is of no use
		cell.Loops = min(cell.Loops, s.busy/cell.Replicas)
	}
	if cell.Kind == result.KindMode { // others cannot be told to
		cell.Work = s.work.String()
	}
	return cell
}

// stormWindows is stormWindow in words.
const stormWindows = "1ms for each connection, at least 4s and at most 1m,"

// windowOf is the window of a cell where none was asked for: long enough for its
// checks to judge.
func windowOf(cell result.Cell) time.Duration {
	switch {
	case cell.Storm:
		return stormWindow(cell.Conns)
	case cell.Push:
		return pushWindow(cell)
	case cell.Rate > 0:
		return windowFor(requestsLeast/cell.Rate, cell)
	case cell.Churn > 0:
		return windowFor(turnsLeast/cell.Churn, cell)
	}
	return cell.Window
}

// What a window should hold for each replica: requests, from which on sustained
// tells a queue from chance, or connections to be reopened.
const (
	requestsLeast = 20
	turnsLeast    = 5
)

// windowMost is the longest that nobody asked for.
const windowMost = time.Minute

// windowFor is a window of so many seconds for each replica, in whole ones, or
// the cell's if that is longer.
func windowFor(seconds float64, cell result.Cell) time.Duration {
	seconds = math.Ceil(seconds * float64(max(1, cell.Replicas)))
	return time.Duration(min(max(cell.Window.Seconds(), seconds), windowMost.Seconds()) * float64(time.Second))
}

// stormWindow is long enough for a server that works to answer all connections
// again in the half of it that follows a storm.
func stormWindow(conns int) time.Duration {
	return min(max(4*time.Second, time.Duration(conns)*time.Millisecond), time.Minute)
}

// checkTraffic refuses what connections cannot carry.
func (f runFlags) checkTraffic(given func(string) bool) error {
	for _, protocol := range f.protos {
		if _, err := proto.ParseProtocol(protocol); err != nil {
			return usagef("-proto: %w", err)
		}
	}
	for _, size := range f.sizes {
		if err := checkSize(size); err != nil {
			return err
		}
	}
	for _, work := range f.works {
		parsed, err := servers.ParseWork(work)
		if err != nil {
			return usagef("-work: %w", err)
		}
		if parsed.Sleep > longest {
			return usagef("-work %s: want at most %v", work, longest)
		}
	}
	least := slices.Min(f.conns)
	for _, p := range f.busy {
		if n := p.of(least); n > least || n < int(f.replicas) {
			return usagef("-busy %v: want %d to %d connections, at least one for each replica and at most the least of -conns; or a share, such as 1%%", p, f.replicas, least)
		}
		if most := p.of(least) / int(f.replicas); given("client-c") && int(f.loops) > most {
			return usagef("-client-c %d: want 1 to %d event loops: -busy %v leaves a replica so many busy connections", f.loops, most, p)
		}
	}
	for _, n := range f.pipeline {
		if err := checkPipeline(n); err != nil {
			return err
		}
		if n > 1 && (given("rates") || given("slo")) {
			return usagef("-pipeline %d: a schedule takes connections that are idle; leave -rates and -slo out", n)
		}
		if n > 1 && slices.Contains(f.protos, string(proto.Echo)) && slices.ContainsFunc(f.works, func(w string) bool { return w != "none" && w != "" }) {
			return usagef("-pipeline %d: an echo server cannot tell requests apart that arrive together, and would work once for all; leave -work out, or take -proto ws", n)
		}
	}
	for _, v := range f.churn {
		if err := checkChurn(v, given); err != nil {
			return err
		}
		if window := f.longest(given); v/float64(max(1, f.replicas))*window.Seconds() < 1 && v > 0 {
			return usagef("-churn %s: less than one connection in a window of %v%s; want more, or a longer -d", perSecond(v), window, f.forEachReplica())
		}
	}
	if f.storm {
		if err := checkReopening("storm", given); err != nil {
			return err
		}
	}
	if err := f.push.check(f, given); err != nil {
		return err
	}
	if err := f.handshake.check(slices.Contains(f.protos, string(proto.WebSocket)), given); err != nil {
		return err
	}
	if !f.idle {
		return nil
	}
	for _, name := range []string{"size", "work", "busy", "pipeline", "churn", "storm", "rates", "slo"} {
		if given(name) {
			return usagef("-idle: connections that carry no requests have no -%s; leave one of the two out", name)
		}
	}
	return nil
}

// longest is the window that was asked for, or the longest that is taken where
// none was.
func (f runFlags) longest(given func(string) bool) time.Duration {
	if given("duration") {
		return f.window
	}
	return max(f.window, windowMost)
}

// forEachReplica says that a limit is each replica's, where there are several.
func (f runFlags) forEachReplica() string {
	if f.replicas < 2 {
		return ""
	}
	return fmt.Sprintf(" for each of %d replicas", f.replicas)
}

// checkPipeline refuses more requests in flight than the generator can have.
func checkPipeline(n int) error {
	if n < 1 || n > load.MaxPipeline {
		return usagef("-pipeline %d: want 1 to %d requests in flight on a connection", n, load.MaxPipeline)
	}
	return nil
}

// checkChurn refuses connections per second that cannot be reopened.
func checkChurn(perSecond float64, given func(string) bool) error {
	switch {
	case perSecond == 0:
		return nil
	case !(perSecond > 0) || perSecond > load.MaxRate:
		return usagef("-churn %v: want 0 (none) to %.0f connections per second", perSecond, float64(load.MaxRate))
	case given("storm"):
		return usagef("-churn %v: a -storm reopens all connections at once; leave one of the two out", perSecond)
	}
	return checkReopening("churn", given)
}

// checkReopening refuses what does not go together with connections that are
// closed on purpose.
func checkReopening(flag string, given func(string) bool) error {
	for _, name := range []string{"rates", "rate", "slo", "pipeline"} {
		if given(name) {
			return usagef("-%s: connections that are reopened have one request in flight each; leave -%s out", flag, name)
		}
	}
	return nil
}

// trafficName is what connections carry, where that is not what they carry by
// default, for the line of progress.
func trafficName(c result.Cell) string {
	text := ""
	if c.Protocol == string(proto.WebSocket) {
		text += " ws"
	}
	if c.Idle {
		text += " idle"
	}
	if c.Busy > 0 {
		text += fmt.Sprintf(", %d busy", c.Busy)
	}
	if c.Pipeline > 1 {
		text += fmt.Sprintf(", %d in flight each", c.Pipeline)
	}
	if c.Churn > 0 {
		text += fmt.Sprintf(", churn %s/s", perSecond(c.Churn))
	}
	if c.Storm {
		text += ", storm"
	}
	if c.Size != 8 && c.Size > 0 && !c.Idle {
		text += fmt.Sprintf(" of %d bytes", c.Size)
	}
	if c.Work != "none" && c.Work != "" {
		text += " " + c.Work
	}
	return text
}

// part is some of the connections: a number of them, or a share.
type part struct {
	count int
	share float64
}

// of is how many of so many connections a part is, one at least.
func (p part) of(conns int) int {
	if p.share > 0 {
		return max(1, int(math.Round(p.share*float64(conns))))
	}
	return p.count
}

func (p part) String() string {
	if p.share > 0 {
		return rate{share: p.share}.String()
	}
	return strconv.Itoa(p.count)
}

// parsePart reads 500, 10k or 1%.
func parsePart(s string) (part, error) {
	if digits, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil || !(v > 0) || v > 100 {
			return part{}, fmt.Errorf("%s: want more than 0%% and at most 100%%", s)
		}
		return part{share: v / 100}, nil
	}
	n, err := parseCount(s)
	if err != nil || n < 1 {
		return part{}, errors.New("want a number of connections, such as 500 or 10k, or a share, such as 1%")
	}
	return part{count: n}, nil
}

// parts is a flag's list of parts.
type parts []part

func (p *parts) Type() string { return "CONNECTIONS" }

func (p *parts) String() string     { return joinList(*p, part.String) }
func (p *parts) Set(s string) error { return setList(p, s, parsePart) }

// sizes is a flag's list of message sizes: 8, 1k (1000), 64KiB or 1MiB.
type sizes []int

func (z *sizes) Type() string   { return "BYTES" }
func (z *sizes) String() string { return (*counts)(z).String() }

func (z *sizes) Set(s string) error { return setList(z, s, parseSize) }

func parseSize(s string) (int, error) {
	unit := 1
	for suffix, bytes := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = digits, bytes
		}
	}
	n, err := parseCount(s)
	if err != nil || n > math.MaxInt32 {
		return 0, errors.New("want bytes, such as 8, 1k, 64KiB or 1MiB")
	}
	return n * unit, nil
}
