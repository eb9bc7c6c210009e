//go:build linux

package suite

import (
	"slices"
	"sync"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// meter samples, from outside, what a server's processes use. What cannot be
// read is left out of the result: a row without it is still a row.
type meter struct {
	root int // 0: the server's processes cannot be seen
	pids []int

	userBefore, userAfter     reading
	kernelBefore, kernelAfter reading
	peak                      reading
	start, end                sample
}

// reading is a number of bytes, if it could be had.
type reading struct {
	bytes int64
	ok    bool
}

// read takes a reading.
func read(bytes int64, err error) reading { return reading{bytes, err == nil} }

// sample is what the processes had used at a time.
type sample struct {
	at       time.Time
	cpu      time.Duration
	switches int64
	ok       bool
}

func newMeter(root int) *meter { return &meter{root: root} }

// before reads memory before the first connection.
func (m *meter) before() {
	if m.root != 0 {
		m.userBefore = read(usage.User(usage.Tree(m.root)...))
	}
	m.kernelBefore = read(usage.Kernel())
}

// list notes which processes the server has, ahead of the window: inside it
// the harness should do next to nothing.
func (m *meter) list() {
	if m.root != 0 {
		m.pids = usage.Tree(m.root)
	}
}

func (m *meter) opened() { m.start = m.sample() }

// closed takes no sample if the processes are not those that were listed: one
// that ended has taken its past out of the sum, and one that took its place
// never was in it.
func (m *meter) closed() {
	m.end = m.sample()
	m.end.ok = m.end.ok && slices.Equal(usage.Tree(m.root), m.pids)
}

func (m *meter) sample() sample {
	if len(m.pids) == 0 {
		return sample{}
	}
	// The switches take longer to read: the clock is read next to the CPU time
	// that is divided by it.
	switches, err := usage.Switches(m.pids...)
	if err != nil {
		return sample{}
	}
	cpu, err := usage.CPU(m.pids...)
	if err != nil {
		return sample{}
	}
	return sample{time.Now(), cpu, switches, true}
}

// after reads memory while the connections are still open.
func (m *meter) after() {
	if m.root != 0 {
		m.userAfter = read(usage.User(usage.Tree(m.root)...))
	}
	m.kernelAfter = read(usage.Kernel())
}

// watch looks at the server's memory every so often until stop is called, for
// the most it reaches. The harness does nothing of the kind where it is not the
// memory that is asked for.
func (m *meter) watch() (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(peakEvery)
		defer ticker.Stop()
		for {
			if r := read(usage.User(m.pids...)); r.ok && len(m.pids) > 0 && r.bytes > m.peak.bytes {
				m.peak = r
			}
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// peakEvery is how often memory is looked at while a storm lasts.
const peakEvery = 50 * time.Millisecond

// result is what was read; nil if the server's processes cannot be seen.
// counts may be nil.
func (m *meter) result(counts *result.Counts) *result.Server {
	if m.root == 0 {
		return nil
	}
	s := &result.Server{
		Processes: len(m.pids),
		User:      growth(m.userBefore, m.userAfter),
		Kernel:    growth(m.kernelBefore, m.kernelAfter),
		Peak:      growth(m.userBefore, m.peak),
	}
	// One that ended within a sample may still make the sum fall: then there is
	// no figure.
	if m.start.ok && m.end.ok && m.end.cpu >= m.start.cpu && m.end.switches >= m.start.switches {
		s.CPU = m.end.cpu - m.start.cpu
		s.Switches = m.end.switches - m.start.switches
		s.Wall = m.end.at.Sub(m.start.at)
	}
	if counts != nil {
		s.Counted(*counts)
	}
	return s
}

// growth is how much more was in use after than before; nil if either could
// not be read.
func growth(before, after reading) *int64 {
	if !before.ok || !after.ok {
		return nil
	}
	d := after.bytes - before.bytes
	return &d
}
