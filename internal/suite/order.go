package suite

import "math/rand/v2"

// Order is the order in which a round, from 1, visits n cells. The same seed
// gives the same order, whatever was measured before.
func Order(seed uint64, round, n int) []int {
	return rand.New(rand.NewPCG(seed, uint64(round))).Perm(n)
}

// Seed is what the replicas of a trial draw from: another for each round and
// cell of a run, so that each trial is a sample of its own, and the same for the
// same run's seed. Rounds count from 1, so that no order draws from the same
// stream.
func Seed(seed uint64, round, cell int) uint64 {
	return rand.New(rand.NewPCG(seed, uint64(round)<<32|uint64(cell))).Uint64()
}
