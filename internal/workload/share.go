//go:build linux

package workload

// Share returns the part of replica i of n, from 0: rates are divided equally, connections
// as evenly as possible, with the larger parts first.
func (w Workload) Share(i, n int) Workload {
	w.Conns = portion(w.Conns, i, n)
	w.Busy = portion(w.Busy, i, n)
	w.Rate /= float64(n)
	w.Churn /= float64(n)
	w.ConnectRate /= float64(n)
	return w
}

// portion returns part i of n of a total.
func portion(total, i, n int) int {
	part := total / n
	if i < total%n {
		part++
	}
	return part
}

// Plus returns the workload of two replicas together, which must be parts of one load
// (Differs).
func (w Workload) Plus(other Workload) Workload {
	w.Conns += other.Conns
	w.Busy += other.Busy
	w.Rate += other.Rate
	w.Churn += other.Churn
	w.ConnectRate += other.ConnectRate
	return w
}

// alike returns a workload without the amounts that are divided among replicas.
func (w Workload) alike() Workload {
	w.Conns, w.ConnectRate = 0, 0
	w.Busy = min(w.Busy, 1)
	w.Rate, w.Churn = sign(w.Rate), sign(w.Churn)
	return w
}

// sign returns 1 for a rate above 0, otherwise 0.
func sign(rate float64) float64 {
	if rate > 0 {
		return 1
	}
	return 0
}

// Differs returns the first flag in which two workloads differ, except for amounts that are
// divided among replicas, with both values; empty if they are parts of one load.
func (w Workload) Differs(other Workload) (flag, one, two string) {
	a, b := w.alike(), other.alike()
	if a == b {
		return "", "", ""
	}
	chosen := ""
	if a.Kind() != b.Kind() { // on which other flags depend
		for _, c := range choices() {
			if c.chosen(a) || c.chosen(b) {
				chosen = c.flag
			}
		}
	}
	for _, f := range table() {
		if f.text(a) != f.text(b) && (chosen == "" || chosen == f.Name) {
			return f.Name, f.text(w), f.text(other)
		}
	}
	return "workload", "", "" // a field without a flag: RateShare, which no replica has
}
