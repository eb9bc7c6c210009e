package cli

import (
	"slices"
	"strings"
)

// nearest is the word that was probably meant: one that typed is the beginning
// of, or the one with the fewest slips of the keyboard between the two, at most
// one for every three letters. Of several it is the first; it is empty where
// none is near.
func nearest(typed string, words []string) string {
	best, fewest := "", len(typed)/3+1
	for _, word := range words {
		slips := slipsBetween(typed, word)
		if len(typed) > 2 && strings.HasPrefix(word, typed) {
			slips = 0
		}
		if slips < fewest {
			best, fewest = word, slips
		}
	}
	return best
}

// slipsBetween is how many letters must be put in, left out, replaced, or
// exchanged with their neighbour to make one word of another: the optimal
// string alignment distance.
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

// didYouMean is the end of an error that names a word nobody knows: the one
// that was probably meant, or what to do where none is near.
func didYouMean(dashes, typed string, words []string, otherwise string) string {
	if word := nearest(typed, slices.Sorted(slices.Values(words))); word != "" {
		return "did you mean " + dashes + word + "?"
	}
	return otherwise
}
