//go:build linux

package suite

import (
	"sync"
	"time"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// meter samples, from outside, what a server's processes use. What cannot be
// read is left out of the result: a row without it is still a row.
type meter struct {
	root int // 0: the server's processes cannot be seen
	tree *usage.Meter

	place placeMeter

	scan time.Duration // how long its threads take to read; 0: too long

	opens, closes time.Time // the window
	host          result.Host

	userBefore, userAfter     reading
	kernelBefore, kernelAfter reading
	peak                      reading
	start, end                usage.Reading
	threadsStart, threadsEnd  usage.Threads
}

// reading is a number of bytes, if it could be had.
type reading struct {
	bytes int64
	ok    bool
}

// read takes a reading.
func read(bytes int64, err error) reading { return reading{bytes, err == nil} }

func newMeter(root int) *meter { return &meter{root: root, tree: usage.NewMeter(root)} }

// before reads memory before the first connection.
func (m *meter) before() {
	if m.root == 0 {
		return
	}
	pids := usage.Tree(m.root)
	m.userBefore = read(usage.User(pids...))
	m.kernelBefore = read(usage.Kernel())
	m.place.before(pids)
}

// threadShare is the most of the window that reading the server's threads may
// last, or threadLeast if that is more: a harness that has its processors with
// the server in common waits for one. They are read before it and after it.
const (
	threadShare = 0.05
	threadLeast = 25 * time.Millisecond
)

// rehearse finds out, when the load is on, which processes the server has, and
// how long it takes to list them and to read their threads: how long before the
// window settle must begin.
func (m *meter) rehearse(window time.Duration) (lead time.Duration) {
	if m.root == 0 || m.tree.List() != nil {
		return 0
	}
	m.place.list(m.tree.PIDs())
	m.host = usage.Host(m.tree.PIDs()...)
	most := max(threadLeast, time.Duration(threadShare*float64(window)))
	from := time.Now()
	threads, err := usage.ReadThreads(from.Add(most), m.tree.PIDs()...)
	if err == nil {
		m.scan = max(1, threads.To.Sub(threads.From))
	}
	return max(settleFactor*(time.Since(from)+m.scan), threadLeast)
}

// settleFactor is how many times as long as it took in the rehearsal settle may
// take, before it makes the sample that opens the window late.
const settleFactor = 3

// settle reads what takes long, shortly before the window opens.
func (m *meter) settle(opens time.Time) {
	m.opens = opens
	if m.root == 0 {
		return
	}
	m.place.opened()
	_ = m.tree.List() // those that were listed before are known
	if m.scan > 0 {
		threads, err := usage.ReadThreads(opens, m.tree.PIDs()...)
		if err == nil {
			m.threadsStart = threads
		}
	}
}

// opened takes the sample that the window begins with.
func (m *meter) opened() {
	if m.root != 0 {
		m.start, _ = m.tree.Read()
	}
}

// closed takes the sample that the window ends with: processor time first, and
// that of processes which have come since then when it has been taken of the
// others; the threads last.
func (m *meter) closed(closes time.Time) {
	m.closes = closes
	if m.root == 0 {
		return
	}
	m.end, _ = m.tree.ReadAll()
	m.place.closed()
	if m.threadsStart.Len() > 0 {
		m.threadsEnd, _ = usage.ReadThreads(time.Time{}, m.end.PIDs()...)
	}
}

// after reads memory while the connections are still open.
func (m *meter) after() {
	if m.root == 0 {
		return
	}
	m.userAfter = read(usage.User(usage.Tree(m.root)...))
	m.kernelAfter = read(usage.Kernel())
}

// watch looks at the memory of the server's processes every so often until stop
// is called, for the most it reaches. The harness does nothing of the kind where
// it is not the memory that is asked for. A server cannot change its address
// space while that is read: so it is read so seldom that this takes at most one
// part in peakShare of the time.
func (m *meter) watch() (stop func()) {
	done := make(chan struct{})
	pids := m.tree.PIDs()
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			from := time.Now()
			if r := read(usage.User(pids...)); r.ok && r.bytes > m.peak.bytes {
				m.peak = r
			}
			timer := time.NewTimer(max(peakEvery, peakShare*time.Since(from)))
			select {
			case <-timer.C:
			case <-done:
				timer.Stop()
				return
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// How often memory is looked at while a storm lasts.
const (
	peakEvery = 50 * time.Millisecond
	peakShare = 20
)

// pids are the server's processes when the window opened.
func (m *meter) pids() []int { return m.start.PIDs() }

func (m *meter) stop() {}

// result is what was read; nil if the server's processes cannot be seen.
// counts may be nil.
func (m *meter) result(counts *result.Counts) (used *result.Server, trouble error) {
	if m.root == 0 {
		return nil, nil
	}
	s := &result.Server{
		Processes: m.end.Alive(),
		User:      growth(m.userBefore, m.userAfter),
		Kernel:    growth(m.kernelBefore, m.kernelAfter),
		Peak:      growth(m.userBefore, m.peak),
	}
	if s.Processes == 0 {
		s.Processes = len(m.tree.PIDs())
	}
	if len(m.host.CPUs) > 0 {
		s.Host = &m.host
	}
	cpu, wall, err := usage.Between(m.start, m.end)
	if err == nil && covers(m.start, m.end, m.opens, m.closes) {
		s.CPU, s.Wall = cpu, wall
		if rate, ok := usage.SwitchRate(m.threadsStart, m.threadsEnd, cpu, wall); ok {
			n := int64(rate * wall.Seconds())
			s.Switches = &n
		}
	}
	m.place.addTo(s)
	if counts != nil {
		s.Counted(*counts)
	}
	return s, nil
}

// How much later than the window's ends, or longer than no time, the samples
// may be that stand for them: a share of the window, and what a timer may be
// late for on a machine that is shared.
const (
	lateShare = 0.05
	lateLeast = 10 * time.Millisecond
)

// lateness is how late a sample of a window's end may be.
func lateness(window time.Duration) time.Duration {
	return max(lateLeast, time.Duration(lateShare*float64(window)))
}

// covers reports whether two readings are those of the window's ends. Load ends
// with the window: what is read later is of less load and more time.
func covers(start, end usage.Reading, opened, closed time.Time) bool {
	late := lateness(closed.Sub(opened))
	at := func(r usage.Reading, t time.Time) bool {
		return !r.From.Before(t.Add(-late)) && !r.To.After(t.Add(late))
	}
	return at(start, opened) && at(end, closed)
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
