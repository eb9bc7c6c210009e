package load

import "time"

// censored counts requests without a reply. They are recorded with their age, a lower
// bound of their latency.
type censored struct {
	n    int64
	from time.Duration // the least of the ages
}

func (c *censored) add(age time.Duration) {
	if c.n == 0 || age < c.from {
		c.from = age
	}
	c.n++
}

// addTo adds the requests to those of other loops: their number and least age.
func (c censored) addTo(n *int64, from *time.Duration) {
	if c.n > 0 && (*n == 0 || c.from < *from) {
		*from = c.from
	}
	*n += c.n
}
