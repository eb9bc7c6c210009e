package cli

import (
	"slices"
	"strings"
)

// nearest returns the word that was probably meant: one that begins with the typed text, or
// the one with the fewest typing errors, at most one per three letters. Of several it is the
// shortest, and of these the first by the alphabet; empty if none is near.
func nearest(typed string, words []string) string {
	best, fewest := "", len(typed)/3+1
	for _, word := range slices.Sorted(slices.Values(words)) {
		slips := slipsBetween(typed, word)
		if len(typed) > 2 && strings.HasPrefix(word, typed) {
			slips = 0
		}
		if slips < fewest || slips == fewest && best != "" && len(word) < len(best) {
			best, fewest = word, slips
		}
	}
	return best
}

// slipsBetween returns how many letters must be inserted, deleted, replaced or transposed to
// turn one word into the other: the optimal string alignment distance.
func slipsBetween(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int // two rows up
	above := make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			replaced := above[j]
			if x[i] != y[j] {
				replaced++
			}
			row[j+1] = min(replaced, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(y)]
}

// didYouMean returns the end of an error about an unknown word: the word that was probably
// meant, or otherwise.
func didYouMean(typed string, words []string, otherwise string) string {
	if word := nearest(typed, words); word != "" {
		return "did you mean " + word + "?"
	}
	return otherwise
}
