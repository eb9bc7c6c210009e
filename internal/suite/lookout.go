//go:build linux

package suite

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"c1m/internal/check"
	"c1m/internal/result"
	"c1m/internal/usage"
)

const (
	// lookoutEvery is how often the lookout looks, unless that would take more
	// than one part in lookoutShare of a processor.
	lookoutEvery = 50 * time.Millisecond
	lookoutShare = 100

	latenessFloor = 5 * time.Millisecond // below it a lateness is not kept
)

// lookout sees, from outside and while the window lasts, whether the server's
// processes are stopped, and whether this process is.
type lookout struct {
	pids   []int
	halted *usage.Halted
	opened time.Time
	window time.Duration

	finish chan struct{}
	ended  sync.WaitGroup

	// Written by the goroutine alone, from its start until it has ended.
	server  *result.Pause
	harness *result.Pause
	since   map[int]time.Time // of each process that is stopped
	used    []result.Step     // by the server's processes
	readAt  time.Time         // when their memory may be read again
}

// begin begins to look. pids may be empty.
func (l *lookout) begin(opened time.Time, window time.Duration, pids []int) {
	l.pids, l.halted, l.opened, l.window = pids, usage.Watch(pids...), opened, window
	l.finish, l.since = make(chan struct{}), make(map[int]time.Time)
	l.sample()
	l.ended.Go(l.run)
}

// end stops looking. It may be called again, and where nothing began.
func (l *lookout) end() {
	if l.finish != nil {
		close(l.finish)
		l.ended.Wait()
		l.finish = nil
	}
}

func (l *lookout) run() {
	runtime.LockOSThread() // whose processor time is read
	defer runtime.UnlockOSThread()
	defer l.halted.Close()
	var delay usage.Delay
	defer delay.Close()
	elapsed := func() time.Duration { return time.Since(l.opened) }
	known, _ := delay.At(elapsed)
	var list []int
	pause := lookoutEvery
	timer := time.NewTimer(pause)
	defer timer.Stop()
	l.readMemory()
	for due := elapsed() + pause; ; {
		over := false
		select {
		case <-timer.C:
		case <-l.finish:
			over = true
		}
		total, now := delay.At(elapsed)
		if late := now - due; late >= latenessFloor && due < l.window {
			p := result.Pause{At: due, For: late, Waited: min(late, max(0, total-known))}
			l.harness = result.LongerStop(l.harness, &p)
		}
		known = total
		before := usage.Thread()
		list = l.halted.Read(list[:0])
		l.see(l.opened.Add(now), list)
		l.sample()
		if over {
			l.see(l.opened.Add(now), nil) // what is still stopped has been so until now
			return
		}
		pause = max(lookoutEvery, lookoutShare*(usage.Thread()-before))
		l.readMemory()
		due = elapsed() + pause
		timer.Reset(pause)
	}
}

// sample takes note of the processor time that the server's processes have used.
func (l *lookout) sample() {
	if cpu, err := usage.CPU(l.pids...); err == nil {
		l.used = append(l.used, result.Step{At: time.Now(), CPU: cpu})
	}
}

// readMemory adds their memory to the last sample, as often as that uses one part in
// lookoutShare of a processor. It takes 20 times as long as what is looked at each time, and
// must not make that rarer.
func (l *lookout) readMemory() {
	if len(l.used) == 0 || time.Now().Before(l.readAt) {
		return
	}
	before := usage.Thread()
	if n, err := usage.Resident(l.pids...); err == nil {
		l.used[len(l.used)-1].Resident = &n
	}
	l.readAt = time.Now().Add(lookoutShare * (usage.Thread() - before))
}

// see takes note of which processes are stopped now.
func (l *lookout) see(now time.Time, stopped []int) {
	for pid, since := range l.since {
		if slices.Contains(stopped, pid) {
			continue
		}
		delete(l.since, pid)
		p := result.Pause{Who: "the server", At: since.Sub(l.opened), For: now.Sub(since)}
		if len(l.pids) > 1 {
			p.Who = fmt.Sprintf("process %d of the server's %d", pid, len(l.pids))
		}
		l.server = result.LongerPause(l.server, &p)
	}
	for _, pid := range stopped {
		if _, known := l.since[pid]; !known && now.Sub(l.opened) < l.window {
			l.since[pid] = now
		}
	}
}

// tell adds what was seen to a trial. Looking has ended.
func (l *lookout) tell(trial *result.Trial) {
	trial.Harness = l.harness
	if trial.Server == nil {
		return
	}
	trial.Server.Stopped = l.server
	if len(l.used) > 0 {
		trial.Server.Intervals = trial.Load.ServerDuring(l.opened, l.used)
	}
	if silence := check.Silence(*trial.Load); silence != nil {
		if cpu, known := l.usedDuring(*silence); known {
			trial.Server.SilentCPU = &cpu
		}
	}
}

// usedDuring is the processor time that the server's processes used in a part of
// the window, as far as looks were taken in it; false if that is not known.
func (l *lookout) usedDuring(p result.Pause) (time.Duration, bool) {
	from, to := l.opened.Add(p.At), l.opened.Add(p.End())
	within := slices.DeleteFunc(slices.Clone(l.used), func(s result.Step) bool { return s.At.Before(from) || s.At.After(to) })
	if len(within) < 2 {
		return 0, false
	}
	first, last := within[0], within[len(within)-1]
	return last.CPU - first.CPU, last.CPU >= first.CPU
}
