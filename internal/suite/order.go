package suite

import (
	"math/rand/v2"

	"c1m/internal/result"
)

// Order returns the order in which a round, counted from 1, visits n things. The
// same seed always gives the same order.
func Order(seed uint64, round, n int) []int {
	return rand.New(rand.NewPCG(seed, uint64(round))).Perm(n)
}

// Seed returns the seed for the replicas of a trial: it differs for each round and
// cell of a run, so that trials are independent samples, and is the same for the
// same seed of the run. Rounds count from 1, so that no Order uses the same
// stream.
func Seed(seed uint64, round, cell int) uint64 {
	return rand.New(rand.NewPCG(seed, uint64(round)<<32|uint64(cell))).Uint64()
}

// design is the order of a run. A round is one block of each load, in random
// order; a block is one trial of each row under its load, so that those which are
// compared are neighbours in time.
type design struct {
	seed  uint64
	loads [][]int // the cells of each load, in the header's order
	needs []int   // of each load, the one whose throughput its rates are shares of; none for most
}

// newDesign returns the design of a run. bases are those of the cells.
func newDesign(seed uint64, cells []result.Cell, bases []int) design {
	d := design{seed: seed}
	known := make(map[string]int)
	of := make([]int, len(cells)) // the load of each cell
	for i, cell := range cells {
		key := cell.LoadKey()
		load, seen := known[key]
		if !seen {
			load = len(d.loads)
			known[key] = load
			d.loads = append(d.loads, nil)
			d.needs = append(d.needs, none)
		}
		d.loads[load] = append(d.loads[load], i)
		of[i] = load
	}
	for i, base := range bases {
		if base != none {
			d.needs[of[i]] = of[base]
		}
	}
	return d
}

// round returns the blocks of a round, counted from 1, in order, each as its cells.
// The block of a load that needs another's throughput comes after that one's.
func (d design) round(round int) [][]int {
	order := basesFirst(Order(d.seed, round, len(d.loads)), d.needs)
	blocks := make([][]int, len(order))
	for i, load := range order {
		blocks[i] = d.block(load, round)
	}
	return blocks
}

// block returns the cells of a load in the order in which a round visits them. Of m
// rows, m blocks that follow one another, from the first round on, are a random
// Latin square: each row is once in each position, so that drift within a block
// favours none. R. A. Fisher and F. Yates,
// "Statistical Tables for Biological, Agricultural and Medical Research", 1938: of
// the cyclic square, rows, columns and symbols are permuted at random.
func (d design) block(load, round int) []int {
	cells := d.loads[load]
	m := len(cells)
	square, line := (round-1)/m, (round-1)%m
	random := rand.New(rand.NewPCG(d.seed, squares|uint64(load)<<32|uint64(square)))
	lines, columns, symbols := random.Perm(m), random.Perm(m), random.Perm(m)
	order := make([]int, m)
	for i, column := range columns {
		order[i] = cells[symbols[(lines[line]+column)%m]]
	}
	return order
}

// squares marks the streams of random numbers of the squares, which those of Order
// and Seed are not: rounds stay far below 2^31.
const squares = 1 << 63
