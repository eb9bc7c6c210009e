//go:build linux

package workload

// Share is what replica i of n, counted from 0, has of a workload: connections
// as even parts, of which the first take the rest, and rates as equal parts.
func (w Workload) Share(i, n int) Workload {
	w.Conns = portion(w.Conns, i, n)
	w.Busy = portion(w.Busy, i, n)
	w.Rate /= float64(n)
	w.Churn /= float64(n)
	w.ConnectRate /= float64(n)
	return w
}

// portion is part i of n of a total.
func portion(total, i, n int) int {
	part := total / n
	if i < total%n {
		part++
	}
	return part
}

// Plus is the workload of two replicas together. They must be parts of one load
// (Differs).
func (w Workload) Plus(other Workload) Workload {
	w.Conns += other.Conns
	w.Busy += other.Busy
	w.Rate += other.Rate
	w.Churn += other.Churn
	w.ConnectRate += other.ConnectRate
	return w
}

// alike is a workload without the amounts that replicas share.
func (w Workload) alike() Workload {
	w.Conns, w.ConnectRate = 0, 0
	w.Busy = min(w.Busy, 1)
	w.Rate, w.Churn = sign(w.Rate), sign(w.Churn)
	return w
}

// sign is 1 for a rate, and 0 for none.
func sign(rate float64) float64 {
	if rate > 0 {
		return 1
	}
	return 0
}

// Differs names the first flag in which two workloads differ beyond the amounts
// that replicas share, with both values; it is empty where they are parts of
// one load.
func (w Workload) Differs(other Workload) (flag, one, two string) {
	a, b := w.alike(), other.alike()
	if a == b {
		return "", "", ""
	}
	for _, f := range table() {
		if f.text(a) != f.text(b) {
			return f.Name, f.text(w), f.text(other)
		}
	}
	return "workload", "", "" // a field without a flag: RateShare, which no replica has
}
