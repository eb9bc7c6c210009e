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

// Threads is how often each living thread of some processes has been given a
// processor, and how long it has had one, at a time between From and To. To
// read it takes about 10 µs for each thread.
type Threads struct {
	From, To time.Time
	threads  map[int]thread
}

// thread is what the kernel keeps of one thread.
type thread struct {
	cpu  time.Duration
	runs int64
}

// At is the middle of the time at which they were read.
func (t Threads) At() time.Time { return middle(t.From, t.To) }

// Len is how many threads there were.
func (t Threads) Len() int { return len(t.threads) }

// ErrLate says that there was no time left.
var ErrLate = errors.New("usage: reading the threads takes too long")

// ReadThreads reads the threads of processes. It gives up with ErrLate once
// the time is past until, if that is not zero. Processes that are gone are left
// out; if all are, the error is ErrGone.
func ReadThreads(until time.Time, pids ...int) (Threads, error) {
	t := Threads{From: time.Now(), threads: make(map[int]thread)}
	_, err := sum(pids, func(pid int) (int64, error) { return 0, t.read(pid, until) })
	t.To = time.Now()
	return t, err
}

// read adds the threads of one process: /proc/PID/schedstat is that of its
// first alone.
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

// parseThread reads a schedstat: time on a processor and time waiting for one,
// in ns, and how often it was given one (Documentation/scheduler/sched-stats.rst).
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

// The least share of the processor time that the threads must account for, what
// may be missing of a server that does next to nothing, and how much longer
// than the time of that processor time theirs may be.
const (
	accounted  = 0.9
	negligible = time.Millisecond
	longer     = 0.15
	longerBy   = 10 * time.Millisecond // at least: a timer may be as late
)

// SwitchRate is how many context switches per second there were between two
// readings of threads: each thread was switched to as often as away from. cpu is
// what the processes used over wall, which lies between the readings. It is not
// ok where the readings are further apart than that, or where threads or
// processes that mattered have ended in between, since their counts ended with
// them: the threads that are left must have used nearly all of cpu.
func SwitchRate(a, b Threads, cpu, wall time.Duration) (rate float64, ok bool) {
	span := b.At().Sub(a.At())
	most := wall + max(longerBy, time.Duration(longer*float64(wall)))
	if span <= 0 || span > most || len(a.threads) == 0 || len(b.threads) == 0 {
		return 0, false
	}
	var runs int64
	var used time.Duration
	for id, now := range b.threads {
		was := a.threads[id] // nothing, if it is new
		if now.runs < was.runs {
			was = thread{} // another of that number
		}
		runs += now.runs - was.runs
		used += now.cpu - was.cpu
	}
	if float64(used) < accounted*float64(cpu)-float64(negligible) {
		return 0, false
	}
	return float64(runs) / span.Seconds(), true
}

// Switches returns how many context switches processes have made: those of this
// process are counted by all its threads since it began, and by the children
// that it has waited for, those of others by the threads that live. Processes
// that are gone are left out; if all are, the error is ErrGone.
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
