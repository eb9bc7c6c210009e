//go:build linux

package suite

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// Each trial of a run has a seed of its own, which the run's seed decides.
func TestSeed(t *testing.T) {
	const runs, rounds, cells = 3, 40, 40
	seen := make(map[uint64]bool)
	for seed := range uint64(runs) {
		for round := 1; round <= rounds; round++ {
			for cell := range cells {
				seen[Seed(seed, round, cell)] = true
			}
		}
	}
	if want := runs * rounds * cells; len(seen) != want {
		t.Errorf("%d seeds of %d trials", len(seen), want)
	}
	if first, again := Seed(7, 2, 3), Seed(7, 2, 3); first != again {
		t.Errorf("one trial has the seeds %d and %d", first, again)
	}
}

// The seeds of neighbouring rounds, cells and runs have nothing to do with each
// other: as numbers from 0 to 1 they have the variance of a uniform
// distribution, 1/12, and neighbours do not correlate.
func TestSeedsAreIndependent(t *testing.T) {
	const n = 4000
	for name, seed := range map[string]func(i int) uint64{
		"rounds": func(i int) uint64 { return Seed(1, 1+i, 0) },
		"cells":  func(i int) uint64 { return Seed(1, 1, i) },
		"runs":   func(i int) uint64 { return Seed(uint64(i), 1, 0) },
	} {
		var squares, products float64
		number := func(i int) float64 { return float64(seed(i))/(1<<64) - 0.5 }
		for i := range n {
			squares += number(i) * number(i)
			products += number(i) * number(i+1)
		}
		// Five standard deviations of each: √(4/5) of the mean for one square,
		// 1/√n for the correlation.
		if ratio := 12 * squares / n; math.Abs(ratio-1) > 5*math.Sqrt(0.8/n) {
			t.Errorf("%s: the variance is %.3f of a uniform distribution's", name, ratio)
		}
		if r := products / squares; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("%s: neighbours correlate by %.3f", name, r)
		}
	}
}

// loads are cells of several loads: two of m rows, one of them a share of the
// other, one of two rows, and the ceiling. The header lists them row by row.
func loads(m int) []result.Cell {
	var list []result.Cell
	for i := range m {
		row := cell(fmt.Sprint("row-", i), "")
		share := row
		share.RateShare, share.Arrivals = 0.5, workload.Poisson
		list = append(list, share, row)
		if i < 2 {
			row.Conns = 77
			list = append(list, row)
		}
	}
	return append(list, result.Cell{Kind: result.KindCeiling, Row: "ceiling"})
}

// A round is one block of each load. In m blocks of a load of m rows each row is
// once in each position, and a block that needs another's throughput follows it.
func TestDesign(t *testing.T) {
	for m := 1; m <= 7; m++ {
		for seed := range uint64(20) {
			cells := loads(m)
			d := newDesign(seed, cells, bases(cells))
			places := make(map[string]int) // of a square: load, row, position
			for round := 1; round <= 3*m*2; round++ {
				var visited []int
				at := make(map[string]int) // of each load, its block
				for i, block := range d.round(round) {
					load := cells[block[0]].LoadKey()
					if _, twice := at[load]; twice {
						t.Fatalf("seed %d, round %d: two blocks of one load", seed, round)
					}
					at[load] = i
					for position, c := range block {
						if cells[c].LoadKey() != load {
							t.Fatalf("seed %d, round %d: cells of two loads in block %v", seed, round, block)
						}
						places[fmt.Sprint(load, " square ", (round-1)/len(block), cells[c].Row, position)]++
					}
					visited = append(visited, block...)
				}
				if slices.Sort(visited); !slices.Equal(visited, indices(len(cells))) {
					t.Fatalf("seed %d, round %d visits %v, want each of %d cells once", seed, round, visited, len(cells))
				}
				if at[cells[0].LoadKey()] < at[cells[1].LoadKey()] {
					t.Errorf("seed %d, round %d: shares of a closed loop come before it", seed, round)
				}
			}
			for place, n := range places {
				if n != 1 {
					t.Errorf("seed %d, %d rows: %d times %s, want once", seed, m, n, place)
				}
			}
		}
	}
}

// Each order of two rows comes as often, in pairs of blocks that are random; so are
// larger squares, and neighbours.
func TestDesignIsRandom(t *testing.T) {
	const seeds = 2000
	for m := 2; m <= 5; m++ {
		var cells []result.Cell
		for i := range m {
			cells = append(cells, cell(fmt.Sprint("row-", i), ""))
		}
		first := make([]int, m)       // how often each row comes first in the first block
		after := make(map[[2]int]int) // how often one row comes directly after another there
		for seed := range uint64(seeds) {
			block := newDesign(seed, cells, bases(cells)).round(1)[0]
			first[block[0]]++
			for i := 1; i < m; i++ {
				after[[2]int{block[i-1], block[i]}]++
			}
		}
		near := func(what string, n, of int, share float64) {
			if p := float64(of) * share; math.Abs(float64(n)-p) > 5*math.Sqrt(p*(1-share)) {
				t.Errorf("%d rows: %s %d times of %d, want about %.0f", m, what, n, of, p)
			}
		}
		for row, n := range first {
			near(fmt.Sprint("row ", row, " is first"), n, seeds, 1/float64(m))
		}
		for a := range m {
			for b := range m {
				if a != b {
					near(fmt.Sprintf("row %d follows %d", b, a), after[[2]int{a, b}], seeds, 1/float64(m))
				}
			}
		}
	}
}

// indices are 0 to n-1.
func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
