//go:build linux

package usage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Threads is how often and how long each living thread of some processes has run, read
// between From and To. Reading takes about 10 µs per thread.
type Threads struct {
	From, To time.Time
	threads  map[int]thread
}

// thread is the scheduler's statistics of one thread.
type thread struct {
	cpu  time.Duration
	runs int64
}

// At returns the middle of From and To.
func (t Threads) At() time.Time { return middle(t.From, t.To) }

// Len returns the number of threads.
func (t Threads) Len() int { return len(t.threads) }

// ErrLate means that the time limit was exceeded.
var ErrLate = errors.New("usage: reading the threads takes too long")

// ReadThreads reads the threads of processes. It fails with ErrLate after until, if that
// is not zero. Processes that have exited are ignored; if all have, the error is
// ErrGone.
func ReadThreads(until time.Time, pids ...int) (Threads, error) {
	t := Threads{From: time.Now(), threads: make(map[int]thread)}
	_, err := sum(pids, func(pid int) (int64, error) { return 0, t.read(pid, until) })
	t.To = time.Now()
	return t, err
}

// read adds the threads of one process: /proc/PID/schedstat has only the first one.
func (t Threads) read(pid int, until time.Time) error {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	tasks, err := os.Open(dir)
	if err != nil {
		return err
	}
	names, err := tasks.Readdirnames(-1)
	tasks.Close()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !until.IsZero() && time.Now().After(until) {
			return ErrLate
		}
		text, err := os.ReadFile(dir + "/" + name + "/schedstat")
		if gone(err) {
			continue
		}
		if err != nil {
			return err
		}
		one, err := parseThread(text)
		if err != nil {
			return fmt.Errorf("%s/%s/schedstat: %w", dir, name, err)
		}
		if id, err := strconv.Atoi(name); err == nil {
			t.threads[id] = one
		}
	}
	return nil
}

// parseThread parses a schedstat: time running and time waiting for a processor, in ns,
// and how often it ran (Documentation/scheduler/sched-stats.rst).
func parseThread(schedstat []byte) (thread, error) {
	words := bytes.Fields(schedstat)
	if len(words) < 3 {
		return thread{}, fmt.Errorf("cannot read %q", schedstat)
	}
	cpu, err := strconv.ParseInt(string(words[0]), 10, 64)
	if err != nil {
		return thread{}, err
	}
	runs, err := strconv.ParseInt(string(words[2]), 10, 64)
	return thread{time.Duration(cpu), runs}, err
}

const (
	accounted  = 0.9                   // least share of the processor time that the remaining threads used
	negligible = time.Millisecond      // may be missing, for a server that is nearly idle
	longer     = 0.15                  // the readings may be apart by this share more than wall
	longerBy   = 10 * time.Millisecond // or by this, as timers may be late
)

// SwitchRate returns the number of context switches per second between two readings of
// threads: a thread is switched to as often as away from. cpu is the processor time of
// the processes over wall, an interval between the readings. It is not ok if the
// readings are too far apart, or if threads that mattered have exited in between, with
// which their counts are lost: the remaining threads must have used nearly all of cpu.
func SwitchRate(a, b Threads, cpu, wall time.Duration) (rate float64, ok bool) {
	span := b.At().Sub(a.At())
	most := wall + max(longerBy, time.Duration(longer*float64(wall)))
	if span <= 0 || span > most || len(a.threads) == 0 || len(b.threads) == 0 {
		return 0, false
	}
	var runs int64
	var used time.Duration
	for id, now := range b.threads {
		was := a.threads[id] // zero for a new thread
		if now.runs < was.runs {
			was = thread{} // another thread with the same id
		}
		runs += now.runs - was.runs
		used += now.cpu - was.cpu
	}
	if float64(used) < accounted*float64(cpu)-float64(negligible) {
		return 0, false
	}
	return float64(runs) / span.Seconds(), true
}

// Switches returns the number of context switches of processes: for this process of all
// its threads since it started and of the children that it has waited for, for others
// of the living threads. Processes that have exited are ignored; if all have, the error
// is ErrGone.
func Switches(pids ...int) (int64, error) {
	var own int64
	var others []int
	for _, pid := range pids {
		if pid != os.Getpid() {
			others = append(others, pid)
			continue
		}
		for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
			var u unix.Rusage
			if err := unix.Getrusage(who, &u); err != nil {
				return 0, fmt.Errorf("getrusage: %w", err)
			}
			own += u.Nvcsw + u.Nivcsw
		}
	}
	if len(others) == 0 && len(pids) > 0 {
		return own, nil
	}
	t, err := ReadThreads(time.Time{}, others...)
	if err != nil && !(errors.Is(err, ErrGone) && own > 0) {
		return 0, err
	}
	for _, thread := range t.threads {
		own += thread.runs
	}
	return own, nil
}
