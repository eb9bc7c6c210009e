package stat

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// exactBelow is the number of pairs from which on the t approximation is good
// enough; 9! orders are counted out in a few milliseconds.
const exactBelow = 10

// Spearman is the rank correlation of the pairs (xs[i], ys[i]), from -1 to 1,
// and the probability, two-sided, of one at least as far from 0 if the two had
// nothing to do with each other. Equal values share the mean of their ranks;
// rho is Pearson's correlation of the ranks, as it must be where there are ties.
//
// Below 10 pairs p counts out every order of the ranks. From 10 on,
// t = rho √((n-2)/(1-rho²)) is taken as Student's t with n-2 degrees of freedom
// (Kendall and Stuart, The Advanced Theory of Statistics, volume 2, section
// 31.19, 1973).
//
// Pairs with a value that is not finite are left out. Where there is nothing to
// see (fewer than 2 pairs, lists of unequal length, all values of a list equal)
// the answer is 0 and 1.
func Spearman(xs, ys []float64) (rho, p float64) {
	if len(xs) != len(ys) {
		return 0, 1
	}
	var as, bs []float64
	for i := range xs {
		if isFinite(xs[i]) && isFinite(ys[i]) {
			as, bs = append(as, xs[i]), append(bs, ys[i])
		}
	}
	n := len(as)
	a, b := deviations(as), deviations(bs)
	scale := math.Sqrt(dot(a, a)) * math.Sqrt(dot(b, b))
	if n < 2 || scale == 0 {
		return 0, 1
	}
	rho = min(max(dot(a, b)/scale, -1), 1)
	if n < exactBelow {
		return rho, shareAsFar(a, b)
	}
	return rho, studentTails(rho, n-2)
}

// deviations ranks the values, equal ones by the mean of their ranks, and
// returns each rank less the mean rank. They are multiples of a half, so that
// sums of them are exact.
func deviations(values []float64) []float64 {
	n := len(values)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case values[i] < values[j]:
			return -1
		case values[i] > values[j]:
			return 1
		}
		return 0
	})
	d := make([]float64, n)
	for first := 0; first < n; {
		end := first + 1
		for end < n && values[order[end]] == values[order[first]] {
			end++
		}
		for _, i := range order[first:end] {
			d[i] = float64(first+end-1)/2 - float64(n-1)/2
		}
		first = end
	}
	return d
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// shareAsFar is the share of the orders of b whose correlation with a is at
// least as far from 0 as that of the order given. Only the product of the two
// changes with the order, and it is exact.
func shareAsFar(a, b []float64) float64 {
	limit := math.Abs(dot(a, b))
	rest := slices.Clone(b)
	var far, all int
	var place func(i int, sum float64)
	place = func(i int, sum float64) {
		if i == len(a) {
			all++
			if math.Abs(sum) >= limit {
				far++
			}
			return
		}
		for j := i; j < len(rest); j++ {
			rest[i], rest[j] = rest[j], rest[i]
			place(i+1, sum+a[i]*rest[i])
			rest[i], rest[j] = rest[j], rest[i]
		}
	}
	place(0, 0)
	return float64(far) / float64(all)
}

// studentTails is the probability, in both tails, of a Student's t beyond
// rho √(df/(1-rho²)).
func studentTails(rho float64, df int) float64 {
	if rho*rho == 1 {
		return 0
	}
	t := math.Abs(rho) * math.Sqrt(float64(df)/(1-rho*rho))
	return 2 * stats.TDist{V: float64(df)}.CDF(-t)
}
