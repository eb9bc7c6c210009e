package resulttest

import "c1m/internal/result"

// Table is a run of 2 connection counts × 3 rows × 6 rounds, and its ceiling, to show every
// kind of row once.
func Table() result.Run {
	var cells []result.Cell
	for _, conns := range []int{1000, 10000} {
		rows := Rows(conns, "multiepoll:handoff-random", "c", "other|host")
		rows[0].Concurrency = 4
		rows[1].Kind, rows[1].Command = result.KindExec, "./echo {port}"
		rows[2].Kind, rows[2].Command = result.KindTarget, "192.0.2.1:8972"
		cells = append(cells, rows...)
	}
	return Run(6, append(cells, result.Cell{Kind: result.KindCeiling, Row: "ceiling"}), fillTable)
}

func fillTable(t *result.Trial, c result.Cell) {
	round := t.Round
	switch c.Kind {
	case result.KindCeiling:
		t.Ceiling = float64(400_000 + 1000*round)
		return
	case result.KindMode:
		t.Load = Load(c, float64(250_000+2000*round))
		t.Server = Server(c, round)
		t.Server.PerLoop = []int64{int64(c.Conns/4 - round), int64(c.Conns / 4), int64(c.Conns / 4), int64(c.Conns/4 + round)}
	case result.KindExec:
		t.Load = Load(c, float64(230_000-500*round))
		t.Server = Server(c, round)
	case result.KindTarget:
		t.Load = Load(c, float64(900*round))
	}
	t.Checks = Checks(result.OK, result.OK, result.OK)
	t.Checks = append(t.Checks, result.Check{Name: "generator", Verdict: result.Shared})
	switch {
	case c.Kind == result.KindMode && c.Conns == 10000 && round%3 == 0:
		t.Checks = Checks(result.Failed, result.Failed, result.Warning)
		t.Load.Active -= round
	case c.Kind == result.KindTarget && c.Conns == 1000 && round == 2:
		t.Checks = Checks(result.OK, result.OK, result.Warning)
	case c.Kind == result.KindExec && c.Conns == 1000 && round == 4:
		t.Load, t.Server, t.Checks = nil, nil, nil
		t.Failure = "the server ended before the window did: exit status 139\nsegmentation fault"
	}
}
