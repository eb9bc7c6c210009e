package stat

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// A trace is a recorded run: the throughput of each row, block by block, of the
// blocks in which all rows have one.
type trace struct {
	rows    []string
	values  map[string][]float64
	seconds float64 // a block takes
}

// recorded reads a trace that results/traces.sh has extracted.
func recorded(t *testing.T, name string) trace {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "results", "traces", name+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(z).ReadAll()
	if err != nil || len(lines) < 2 || !slices.Equal(lines[0][:4], []string{"round", "ms", "row", "ops_per_s"}) {
		t.Fatalf("%s: %d lines, %v", name, len(lines), err)
	}
	tr := trace{values: map[string][]float64{}}
	byRound := map[int]map[string]float64{}
	var rounds []int
	var last float64
	for _, line := range lines[1:] {
		round, err1 := strconv.Atoi(line[0])
		ms, err2 := strconv.ParseFloat(line[1], 64)
		value, err3 := strconv.ParseFloat(line[3], 64)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%s: %v", name, line)
		}
		if byRound[round] == nil {
			byRound[round] = map[string]float64{}
			rounds = append(rounds, round)
		}
		byRound[round][line[2]] = value
		if !slices.Contains(tr.rows, line[2]) {
			tr.rows = append(tr.rows, line[2])
		}
		last = max(last, ms/1000)
	}
	slices.Sort(tr.rows)
	tr.seconds = last / float64(len(rounds))
	for _, round := range rounds {
		if len(byRound[round]) < len(tr.rows) {
			continue
		}
		for _, row := range tr.rows {
			tr.values[row] = append(tr.values[row], byRound[round][row])
		}
	}
	return tr
}

// pairs of two rows.
func (tr trace) pairs(a, b string) Pairs { return Pairs{tr.values[a], tr.values[b]} }

// draw is n neighbouring blocks of two rows that do equally well, from any one
// on; after the last comes the first. Either row is a or b with equal chance in
// each block, so that draws that overlap differ. effect is added to the
// logarithm of b.
func (p Pairs) draw(random *rand.Rand, n int, effect float64) Pairs {
	var drawn Pairs
	at := random.IntN(len(p.A))
	for i := range n {
		a, b := p.A[(at+i)%len(p.A)], p.B[(at+i)%len(p.A)]
		if random.IntN(2) == 0 {
			a, b = b, a
		}
		drawn.A, drawn.B = append(drawn.A, a), append(drawn.B, b*math.Exp(effect))
	}
	return drawn
}
