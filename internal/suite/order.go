package suite

import "math/rand/v2"

// Order is the order in which a round, from 1, visits n cells. The same seed
// gives the same order, whatever was measured before.
func Order(seed uint64, round, n int) []int {
	return rand.New(rand.NewPCG(seed, uint64(round))).Perm(n)
}
