package result

import "c1m/internal/hist"

// Pack reduces the memory of the histograms to what their durations take. It does nothing
// to a nil Replica.
func (r *Replica) Pack() {
	for _, h := range r.histograms() {
		h.Pack()
	}
}

// histograms returns those that there are.
func (r *Replica) histograms() []*hist.Histogram {
	if r == nil {
		return nil
	}
	var list []*hist.Histogram
	for _, h := range []*hist.Histogram{r.Latency, r.Connect, r.Upgrade, r.Raw, r.Lateness, r.Reconnect} {
		if h != nil {
			list = append(list, h)
		}
	}
	for _, s := range r.Stages {
		if s.Latency != nil {
			list = append(list, s.Latency)
		}
	}
	return list
}
