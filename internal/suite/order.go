package suite

import "math/rand/v2"

// Order returns the order in which a round, counted from 1, visits n cells. The
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
