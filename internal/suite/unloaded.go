//go:build linux

package suite

import "c1m/internal/scrape"

// unloaded is how much memory the running servers of a run need without connections, by
// the address of their metrics. A server keeps memory after its connections have closed,
// so what a later trial finds before its load is not that.
type unloaded map[string]*baseline

// baseline is a server's memory before its first load.
type baseline struct {
	bytes int64
	most  int // the most connections that a load has had since then
}

// memory returns the memory that a server needs without connections, given a sample
// before a load; nil if it is not known, or if a larger load has left more memory than
// this one needs.
func (u unloaded) memory(metrics string, now scrape.Sample, conns int) *int64 {
	if now.Unused(conns) { // it is new, or restarted
		u[metrics] = &baseline{bytes: now.Memory}
	}
	known := u[metrics]
	if known == nil || conns < known.most {
		return nil
	}
	known.most = conns
	return &known.bytes
}
