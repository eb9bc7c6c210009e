//go:build linux

package cli

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"c1m/internal/affinity"
	"c1m/internal/engine"
	"c1m/internal/host"
	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/usage"
	"c1m/internal/workload"
	"c1m/servers"
)

// row is what a line of the table measures, before the number of connections.
type row struct {
	kind    result.Kind
	name    string
	command string
	mode    servers.Mode // of kind mode
	fit     bool         // one loop for each processor, where -c asks for more
}

// cells plans what is measured: every row at every number of connections and
// under every load.
func (f runFlags) cells(given func(string) bool) ([]result.Cell, error) {
	rows, err := f.rows()
	if err != nil {
		return nil, err
	}
	loads, err := f.workloads()
	if err != nil {
		return nil, err
	}
	if err := f.check(rows, loads, given); err != nil {
		return nil, err
	}
	var cells []result.Cell
	add := func(c result.Cell) {
		// What differs in words may be the same: 1% of 100 is 1, and what is
		// no mode of ours cannot be told to work.
		if !slices.ContainsFunc(cells, func(other result.Cell) bool { return reflect.DeepEqual(c, other) }) {
			cells = append(cells, c)
		}
	}
	for _, load := range loads {
		for _, r := range rows {
			for _, upgrade := range f.upgradesOf(r, load) {
				cell := f.cell(r, load, upgrade)
				if !given("duration") {
					cell.Window = windowOf(cell)
				}
				add(cell)
			}
		}
	}
	return cells, nil
}

// cell is a row under a load.
func (f runFlags) cell(r row, load workload.Workload, upgrade string) result.Cell {
	cell := result.Cell{
		Kind: r.kind, Row: r.name, Command: r.command,
		Workload: load, Replicas: int(f.replicas), Loops: int(f.loops),
		Warmup: f.warmup, Window: f.window, Timeout: f.timeout,
		ServerCPUs: f.serverCPUs, ClientCPUs: f.clientCPUs,
	}
	if r.kind != result.KindMode { // others cannot be told to
		cell.Work = servers.Work{}
	}
	if upgrade != "" { // a row of its own: what one compares
		cell.Upgrade = upgrade
		cell.Row += "+" + upgrade
	}
	conns := load.Conns
	if cell.Loops == 0 {
		cell.Loops = min(loopsOn(f.clientCPUs), conns/cell.Replicas)
	}
	if load.Busy > 0 { // a loop without a busy connection is of no use
		cell.Loops = min(cell.Loops, load.Busy/cell.Replicas)
	}
	if r.mode.Unit != "" {
		cell.Concurrency = int(f.concurrency)
		switch {
		case cell.Concurrency == 0:
			cell.Concurrency = min(loopsOn(f.serverCPUs), conns)
		case r.fit:
			cell.Concurrency = min(width(f.serverCPUs), conns)
		}
	}
	return cell
}

// loopsOn is how many loops there are where there is one for each processor of
// a set, or of those this process may use: no more than a quota lets run.
func loopsOn(set cpus) int { return min(width(set), usage.Place().Loops()) }

// width is the number of processors of a set; of none given, those this
// process may use.
func width(set cpus) int {
	if len(set) == 0 {
		return len(affinity.CPUs())
	}
	return len(set)
}

// rows are the lines of the table, in its order.
func (f runFlags) rows() ([]row, error) {
	modes := f.modes
	if len(modes) == 0 {
		for _, m := range servers.Modes() {
			modes = append(modes, m.Name)
		}
	}
	var rows []row
	add := func(r row) error {
		for _, other := range rows {
			if other.name == r.name {
				return usagef("row %s: named twice", r.name)
			}
		}
		rows = append(rows, r)
		return nil
	}
	for _, word := range modes {
		word = strings.TrimSpace(word)
		switch word {
		case "none":
			if len(modes) > 1 {
				return nil, usagef("-modes none: stands alone")
			}
			continue
		case "all":
			for _, m := range servers.Modes() {
				for _, v := range m.Variants {
					fit := checkPerCPU(v, int(f.concurrency), width(f.serverCPUs)) != nil
					if err := add(row{kind: result.KindMode, name: m.Row(v), mode: m, fit: fit}); err != nil {
						return nil, err
					}
				}
			}
			continue
		}
		m, variant, err := servers.ParseMode(word)
		if err != nil {
			return nil, usagef("-modes: %w; or all", err)
		}
		if err := add(row{kind: result.KindMode, name: m.Row(variant), mode: m}); err != nil {
			return nil, err
		}
	}
	for _, e := range f.execs {
		if !strings.Contains(e.value, "{addr}") && !strings.Contains(e.value, "{port}") {
			return nil, usagef("-exec %s: the command needs {addr} or {port}, where its address or port is filled in", e.name)
		}
		if err := add(row{kind: result.KindExec, name: e.name, command: e.value}); err != nil {
			return nil, err
		}
	}
	for _, t := range f.targets {
		if _, port, err := net.SplitHostPort(t.value); err != nil || port == "" {
			return nil, usagef("-target %s=%s: want NAME=HOST:PORT", t.name, t.value)
		}
		if err := add(row{kind: result.KindTarget, name: t.name, command: t.value}); err != nil {
			return nil, err
		}
	}
	if len(rows) == 0 {
		return nil, usagef("-modes none: nothing to measure without -exec or -target")
	}
	return rows, nil
}

// check refuses flags that cannot be, or cannot apply to any row.
func (f runFlags) check(rows []row, loads []workload.Workload, given func(string) bool) error {
	if err := checkTimes(f.window, f.warmup, f.timeout); err != nil {
		return err
	}
	if err := f.checkSLO(given); err != nil {
		return err
	}
	least, busy := loads[0].Conns, loads[0].Conns
	for _, w := range loads {
		if err := w.Fits(int(max(1, f.replicas)), f.longest(given)); err != nil {
			return runUsage(err)
		}
		least = min(least, w.Conns)
		if w.Busy > 0 {
			busy = min(busy, w.Busy)
		}
	}
	if f.replicas < 1 || int(f.replicas) > least {
		return usagef("-replicas %d: want 1 to %d, the least of -conns", f.replicas, least)
	}
	if given("client-c") && (f.loops < 1 || int(f.loops) > least/int(f.replicas)) {
		return usagef("-client-c %d: want 1 to %d event loops, the least of -conns for a replica", f.loops, least/int(f.replicas))
	}
	if loads[0].WSProtocols != "" && slices.ContainsFunc(rows, func(r row) bool { return r.kind == result.KindMode }) {
		return usagef("-ws-protocol: this program's modes choose no subprotocol; use -modes none with -exec or -target")
	}
	if err := f.checkUpgrades(rows, loads); err != nil {
		return err
	}
	if most := busy / int(f.replicas); given("client-c") && int(f.loops) > most {
		return usagef("-client-c %d: want 1 to %d event loops: each replica has only %d busy connections", f.loops, most, most)
	}
	has := func(match func(row) bool) bool { return slices.ContainsFunc(rows, match) }
	if given("concurrency") {
		if f.concurrency < 1 || int(f.concurrency) > least {
			return usagef("-c %d: want 1 to %d, the least of -conns", f.concurrency, least)
		}
		if !has(func(r row) bool { return r.mode.Unit != "" }) {
			why := "none of the rows has loops, processes or workers; leave -c out"
			if rows[0].kind == result.KindMode && len(rows) == 1 {
				why = whyNoConcurrency(rows[0].mode)
			}
			return usagef("-c %d: %s", f.concurrency, why)
		}
	}
	for _, r := range rows {
		_, variant, _ := strings.Cut(r.name, ":")
		if r.kind != result.KindMode || r.fit {
			continue
		}
		if err := checkPerCPU(variant, int(f.concurrency), width(f.serverCPUs)); err != nil {
			return err
		}
	}
	if given("work") && !has(func(r row) bool { return r.kind == result.KindMode }) {
		return usagef("-work: only this program's modes can be told to work; leave it out, or add one of them to -modes")
	}
	if slices.ContainsFunc(loads, func(w workload.Workload) bool { return w.Push }) && has(func(r row) bool { return r.kind != result.KindMode }) {
		return usagef("-traffic push cannot be combined with -exec or -target: only this program's modes notify")
	}
	if given("server-cpus") && !has(func(r row) bool { return r.kind != result.KindTarget }) {
		return usagef("-server-cpus: a -target runs already, on processors of its own")
	}
	for _, set := range []struct {
		flag string
		cpus cpus
	}{{"server-cpus", f.serverCPUs}, {"client-cpus", f.clientCPUs}} {
		for _, cpu := range set.cpus {
			if usable := affinity.CPUs(); !slices.Contains(usable, cpu) {
				all := cpus(usable)
				return usagef("-%s: processor %d is not among those this process may use: %s", set.flag, cpu, all.String())
			}
		}
	}
	return nil
}

// fitting is the cells this machine can run. It names the others on w, with
// the reason and the cure, and returns how many they are.
func fitting(cells []result.Cell, w io.Writer) (fit []result.Cell, left int) {
	said := make(map[string]bool) // the loads of a row and number of connections have the same obstacles
	for _, cell := range cells {
		obstacles := obstacles(cell)
		if len(obstacles) == 0 {
			fit = append(fit, cell)
			continue
		}
		left++
		for _, o := range obstacles {
			line := fmt.Sprintf("bench run: left out: %s, %d connections: %s: %s; needs %s", cell.Row, cell.Conns, o.Name, o.Seen, o.Need)
			if o.Cure != "" {
				line += "; mend: " + o.Cure
			}
			if !said[line] {
				fmt.Fprintln(w, line)
			}
			said[line] = true
		}
	}
	return fit, left
}

// obstacles are the findings that keep a cell from running.
func obstacles(cell result.Cell) []host.Finding {
	var list []host.Finding
	for _, f := range host.Doctor(askFor(cell)) {
		if f.Fails() {
			list = append(list, f)
		}
	}
	return list
}

// askFor is what a cell needs of the machine.
func askFor(cell result.Cell) host.Ask {
	ask := host.Ask{
		Conns: cell.Conns, Replicas: cell.Replicas, Loops: cell.Loops,
		Busy: cell.Busy, Idle: cell.Idle, ServerProcesses: 1, Destinations: 1,
		SourceAddresses: cell.Replicas * engine.SourceAddresses(cell.Conns, cell.Replicas),
	}
	if cell.Push { // a broadcast is in flight to all that it is for
		ask.Busy, ask.Idle = (cell.Conns+max(1, cell.PushEvery)-1)/max(1, cell.PushEvery), false
	}
	switch cell.Kind {
	case result.KindMode:
		mode, variant, err := servers.ParseMode(cell.Mode())
		if err != nil {
			break // not a row that was planned here
		}
		ask.Loops = max(ask.Loops, cell.Concurrency)
		switch {
		case mode.Name == "prefork":
			ask.ServerProcesses, ask.Loops = cell.Concurrency, cell.Loops
		case mode.Name == "goroutine" && variant == "pair":
			ask.PerConnection = host.PairConnection
		case mode.Name == "goroutine":
			ask.PerConnection = host.GoroutineConnection
		case mode.Name == "workerpool":
			ask.Loops = cell.Loops // workers hold no descriptors
		}
	case result.KindExec:
		// How many processes it has, only it knows: one for each connection
		// leaves the question of its descriptors out.
		ask.ServerProcesses = cell.Conns
	case result.KindTarget:
		ask.ServerProcesses = cell.Conns
		host, _, err := net.SplitHostPort(cell.Command)
		ip, e := netip.ParseAddr(host)
		if host != "localhost" && (err != nil || e != nil || !ip.IsLoopback()) {
			ask.Remote, ask.SourceAddresses = true, 1
		}
	}
	return ask
}

// upgradesOf are the values of -upgrade that a row is measured with, as cells
// have them: empty is the protocol's own. Only one server has a choice.
func (f runFlags) upgradesOf(r row, load workload.Workload) []string {
	if !r.upgradable() || !load.Protocol.Framed() || len(f.given["upgrade"]) == 0 {
		return []string{""}
	}
	var list []string
	for _, word := range f.given["upgrade"] {
		if word == string(servers.UpgradeTCP) {
			word = ""
		}
		list = append(list, word)
	}
	return list
}

// upgradable reports whether a row's server has more than one way to upgrade.
func (r row) upgradable() bool {
	return r.kind == result.KindMode && r.name == r.mode.Row("pair") && r.mode.Name == "goroutine"
}

// checkUpgrades refuses ways to upgrade that nothing would take.
func (f runFlags) checkUpgrades(rows []row, loads []workload.Workload) error {
	words := f.given["upgrade"]
	if len(words) == 0 {
		return nil
	}
	if _, err := (workload.Given{"upgrade": words}).Workloads(); err != nil {
		return usagef("%w", err)
	}
	switch {
	case !slices.ContainsFunc(loads, func(w workload.Workload) bool { return w.Protocol.Framed() }):
		return usagef("-upgrade requires -proto %s", proto.Names(proto.Protocol.Framed))
	case !slices.ContainsFunc(rows, row.upgradable):
		return usagef("-upgrade: only goroutine:pair has the choice; add it to -modes")
	}
	return nil
}
