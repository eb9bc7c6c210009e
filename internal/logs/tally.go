package logs

import (
	"fmt"
	"strings"
)

// tally counts texts and keeps the first ones: a fault of a log may be repeated in
// each of its lines.
type tally struct {
	first []string
	total int
}

// kept is how many texts a tally keeps: one more than it shows of a longer list.
const kept = 11

func (t *tally) add(text string) {
	t.total++
	if len(t.first) < kept {
		t.first = append(t.first, text)
	}
}

// some returns the first texts, at most n plus one, and the number of others.
func (t tally) some(most int, separator string) string {
	list := t.first
	if t.total > most+1 {
		list = append(list[:most:most], fmt.Sprintf("and %d more", t.total-most))
	}
	return strings.Join(list, separator)
}

// and returns the sum of two tallies.
func (t tally) and(o tally) tally {
	sum := tally{total: t.total + o.total}
	sum.first = append(append(sum.first, t.first...), o.first...)
	sum.first = sum.first[:min(len(sum.first), kept)]
	return sum
}
