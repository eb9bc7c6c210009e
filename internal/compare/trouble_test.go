package compare

import (
	"testing"
)

// What was there before is more only where chance does not explain it, or where
// it is many times as much.
func TestTroubleOnBothSides(t *testing.T) {
	of := func(trials int64, amounts ...int64) counts {
		c := counts{trials: trials, in: int64(len(amounts)), amounts: amounts}
		for _, n := range amounts {
			c.amount += n
		}
		return c
	}
	each := func(n int, amount int64) []int64 {
		var list []int64
		for range n {
			list = append(list, amount)
		}
		return list
	}
	for name, c := range map[string]struct {
		before, after counts
		scatters      bool
		want          bool
	}{
		"none":                          {of(10), of(10), false, false},
		"the first":                     {of(10), of(10, 1), false, true},
		"the first of what scatters":    {of(10), of(10, 1), true, false},
		"many of what scatters":         {of(10), of(10, each(6, 1)...), true, true},
		"8 of 10 after 7 of 10":         {of(10, each(7, 3)...), of(10, each(8, 3)...), false, false},
		"9 of 10 after 2 of 10":         {of(10, each(2, 3)...), of(10, each(9, 3)...), false, true},
		"fewer":                         {of(10, each(8, 3)...), of(10, each(7, 3)...), false, false},
		"as often, a little more":       {of(10, each(8, 10)...), of(10, 11, 9, 10, 12, 10, 9, 10, 10), false, false},
		"as often, more each time":      {of(10, each(8, 10)...), of(10, each(8, 20)...), false, true},
		"as often, one time very many":  {of(10, 5), of(10, 60), false, true},
		"as often, one time a few more": {of(10, 5), of(10, 9), false, false},
		"very many of what scatters":    {of(10, 5), of(10, 900), true, true},
		"no trials before":              {of(0), of(10, 5), false, false},
		"fewer trials, the same share":  {of(20, each(10, 3)...), of(10, each(5, 3)...), false, false},
	} {
		if got := (trouble{scatters: c.scatters}).increased(c.before, c.after, Alpha); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
