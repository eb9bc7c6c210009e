//go:build linux

package usage

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestRunDelay(t *testing.T) {
	for stat, want := range map[string]time.Duration{"5 7 9\n": 7, "0 0 1": 0, "": -1, "5": -1, "5 x 9": -1, "5 7": -1} {
		if got, ok := runDelay([]byte(stat)); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v, %v, want %v", stat, got, ok, want)
		}
	}
}

// A reading that took long is repeated, a few times, and dated to its end.
func TestDelayAt(t *testing.T) {
	for _, test := range []struct {
		name  string
		long  int // how many readings take long
		reads int // of the clock
	}{{"at once", 0, 2}, {"twice", 2, 6}, {"always", 100, 10}} {
		t.Run(test.name, func(t *testing.T) {
			var now time.Duration
			reads := 0
			clock := func() time.Duration {
				if reads++; reads%2 == 0 && reads/2 <= test.long {
					now += time.Second
				}
				now++
				return now
			}
			if _, at := (*Delay)(nil).At(clock); at != now || reads != test.reads {
				t.Errorf("at %d after %d readings of the clock, want %d after %d", at, reads, now, test.reads)
			}
		})
	}
}

// Threads that share a processor wait, and whoever asks is told without an
// allocation.
func TestDelay(t *testing.T) {
	if _, err := os.Stat("/proc/thread-self/schedstat"); err != nil {
		t.Skipf("this kernel does not tell how long threads wait: %v", err)
	}
	var d Delay
	defer d.Close()
	if n := testing.AllocsPerRun(100, func() { d.total() }); n > 0.1 { // a thread may be new
		t.Errorf("%v allocations", n)
	}
	// Two other threads on one processor: one of them waits.
	cpu := unix.CPUSet{}
	if err := unix.SchedGetaffinity(0, &cpu); err != nil {
		t.Fatal(err)
	}
	one := unix.CPUSet{}
	for i := range 1024 {
		if cpu.IsSet(i) {
			one.Set(i)
			break
		}
	}
	var stopped atomic.Bool
	tids := make(chan int, 2)
	var others sync.WaitGroup
	defer others.Wait()
	defer stopped.Store(true)
	for range 2 {
		others.Go(func() {
			runtime.LockOSThread() // for good: the thread ends with the goroutine
			_ = unix.SchedSetaffinity(0, &one)
			tids <- unix.Gettid()
			for !stopped.Load() { // it burns its processor
			}
		})
	}
	pair := [2]int{<-tids, <-tids}
	waited := func() (sum time.Duration) {
		for _, tid := range pair {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/schedstat", tid))
			if err != nil {
				t.Fatal(err)
			}
			n, _ := runDelay(stat)
			sum += n
		}
		return sum
	}
	total, start := d.total(), waited()
	grown := time.Duration(0)
	for limit := time.Now().Add(10 * time.Second); grown == 0 && time.Now().Before(limit); {
		grown = waited() - start
	}
	if grown <= 0 {
		t.Fatal("no wait in 10 s of work")
	}
	if got := d.total() - total; got < grown {
		t.Errorf("grown by %v, and other threads alone waited for %v", got, grown)
	}
}

func TestAsleep(t *testing.T) {
	a := Asleep()
	b := Asleep()
	if a < 0 || (b-a).Abs() > time.Second {
		t.Errorf("asleep for %v, and then for %v", a, b)
	}
}
