package load

import "time"

// censored counts requests that were recorded at an age, since all that is
// known of their latency is that it is at least that.
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

// addTo adds the requests to those of other loops.
func (c censored) addTo(n *int64, from *time.Duration) {
	if c.n > 0 && (*n == 0 || c.from < *from) {
		*from = c.from
	}
	*n += c.n
}
