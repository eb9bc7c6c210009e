package result

import (
	"reflect"
	"testing"
	"time"
)

// The accounts of these tests begin here; their clock has microseconds of its
// own, as real ones have.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func at(seconds float64) time.Time {
	return epoch.Add(time.Duration(seconds * float64(time.Second)))
}

func pointer(n int64) *int64 { return &n }

// use is an account: seconds since epoch, CPU in ms.
func use(seconds float64, open int64, cpu int64) Use {
	return Use{At: at(seconds), Counts: Counts{Accepted: open, Open: open}, Processes: 3, CPU: time.Duration(cpu) * time.Millisecond}
}

// full is the same with what is read less often.
func full(u Use, switches, user, kernel int64) Use {
	u.Switches, u.User, u.Kernel = &switches, &user, &kernel
	return u
}

// day is a server's account of a trial: 1000 connections come in between 1 s
// and 2 s and go at 9 s. It uses 100 ms of processor time a second, and 500
// from 4 s on.
func day() []Use {
	uses := []Use{
		full(use(0, 0, 10), 100, 1_000_000, 50_000_000),
		full(use(1, 400, 110), 1100, 2_000_000, 60_000_000),
		use(2, 1000, 210),
		full(use(3, 1000, 310), 3100, 5_000_000, 90_000_000),
		use(4, 1000, 410),
		full(use(5, 1000, 910), 5100, 6_000_000, 99_000_000),
		use(6, 1000, 1410),
		full(use(7, 1000, 1910), 7100, 7_000_000, 91_000_000),
		use(8, 1000, 2410),
		full(use(9, 0, 2910), 9100, 1_500_000, 51_000_000),
	}
	uses[9].Accepted = 1000
	uses[6].PerLoop = []int64{400, 600}
	return uses
}

func TestDuring(t *testing.T) {
	for _, c := range []struct {
		name         string
		uses         []Use
		opened, till float64
		want         *Server
	}{
		{"between two accounts each", day(), 3.5, 6.25, &Server{
			// What lies in the window of the first second and of the last is not known.
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second,
			User: pointer(5_000_000), Kernel: pointer(49_000_000), PerLoop: []int64{400, 600},
		}},
		{"just inside accounts", day(), 5.04, 6.94, &Server{
			Processes: 3, CPU: 950 * time.Millisecond, Wall: 1900 * time.Millisecond,
			User: pointer(5_000_000), Kernel: pointer(49_000_000), PerLoop: []int64{400, 600},
		}},
		{"most of a window", day(), 2.9, 7.1, &Server{
			Processes: 3, CPU: 1600 * time.Millisecond, Wall: 4 * time.Second, Switches: pointer(4000),
			User: pointer(6_000_000), Kernel: pointer(41_000_000),
		}},
		{"on accounts", day(), 4, 6, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second,
			User: pointer(5_000_000), Kernel: pointer(49_000_000), PerLoop: []int64{400, 600},
		}},
		{"inside one second", day(), 5.25, 5.5, &Server{
			Processes: 3, User: pointer(5_000_000), Kernel: pointer(49_000_000),
		}},
		{"inside one second, with steps", changed(day(), 6, func(u *Use) {
			for i := range 8 { // all of the second's work is in the window
				s := Step{At: at(5.2 + float64(i)*0.05), CPU: time.Duration(910+max(0, min(500, 100*(i-1)))) * time.Millisecond}
				s.Switches = pointer(5100 + int64(i))
				u.Steps = append(u.Steps, s)
			}
		}), 5.25, 5.5, &Server{
			Processes: 3, CPU: 500 * time.Millisecond, Wall: 250 * time.Millisecond, Switches: pointer(5),
			User: pointer(5_000_000), Kernel: pointer(49_000_000),
		}},
		{"connections that left before the end do not count as memory", day(), 7, 9, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second, Switches: pointer(2000),
			User: pointer(6_000_000), Kernel: pointer(41_000_000),
		}},
		{"nor where some have left", changed(day(), 9, func(u *Use) { u.Open = 980 }), 7, 9, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second, Switches: pointer(2000),
			User: pointer(6_000_000), Kernel: pointer(41_000_000),
		}},
		{"the account ends inside the window", day(), 8, 9.5, &Server{
			Processes: 3, CPU: 500 * time.Millisecond, Wall: time.Second,
			User: pointer(6_000_000), Kernel: pointer(41_000_000),
		}},
		{"the account ends too early", day(), 8, 11, &Server{
			Processes: 3, User: pointer(6_000_000), Kernel: pointer(41_000_000),
		}},
		{"in any order", reversed(day()), 4, 6, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second,
			User: pointer(5_000_000), Kernel: pointer(49_000_000), PerLoop: []int64{400, 600},
		}},
		{"a child that ended took its past with it", changed(day(), 5, func(u *Use) { u.CPU = 0 }), 3.5, 7, &Server{
			Processes: 3, Wall: 0,
			User: pointer(6_000_000), Kernel: pointer(41_000_000),
		}},
		{"memory was read again only after the window", changed(changed(day(), 3, unread), 5, unread), 4, 6, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second,
			User: pointer(6_000_000), Kernel: pointer(41_000_000), PerLoop: []int64{400, 600},
		}},
		{"or when connections had left", changed(changed(changed(day(), 3, unread), 5, unread), 7, func(u *Use) { u.Open = 980 }), 4, 6, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second, PerLoop: []int64{400, 600},
		}},
		{"the account begins with connections", day()[3:], 4, 6, &Server{
			Processes: 3, CPU: time.Second, Wall: 2 * time.Second, PerLoop: []int64{400, 600},
		}},
		{"nothing but counts", []Use{use(0, 0, 0), use(1, 10, 100), use(2, 10, 300)}, 0.2, 2, &Server{
			Processes: 3, CPU: 200 * time.Millisecond, Wall: time.Second,
		}},
		{"what it dropped until the window's end", []Use{use(0, 0, 0), changed(day(), 2, func(u *Use) { u.Pushed, u.Dropped = 50, 3 })[2], changed(day(), 4, func(u *Use) { u.Pushed, u.Dropped = 90, 7 })[4]}, 0, 3, &Server{
			Processes: 3, CPU: 210 * time.Millisecond, Wall: 2 * time.Second, Dropped: pointer(3), Disconnected: pointer(0),
		}},
		{"one account", day()[:1], 0, 1, &Server{Processes: 3}},
		{"later than the window", day()[5:], 1, 2, nil},
		{"long before the window", day(), 100, 102, nil},
		{"none", nil, 0, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := During(c.uses, at(c.opened), at(c.till))
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %s\nwant %s", text(t, got), text(t, c.want))
			}
		})
	}
}

func reversed(uses []Use) []Use {
	var list []Use
	for i := range uses {
		list = append(list, uses[len(uses)-1-i])
	}
	return list
}

func changed(uses []Use, i int, change func(*Use)) []Use {
	change(&uses[i])
	return uses
}

// unread takes what is read seldom out of an account, but for the switches.
func unread(u *Use) { u.User, u.Kernel = nil, nil }

func TestUnread(t *testing.T) {
	until := func(n int, change func(*Use)) []Use { // the first n accounts of a day whose memory was read at 0 s and 1 s alone
		uses := day()[:n]
		for i := range uses[2:] {
			unread(&uses[2+i])
		}
		if change != nil {
			change(&uses[n-1])
		}
		return uses
	}
	for _, c := range []struct {
		name string
		uses []Use
		want bool
	}{
		{"never", until(8, nil), true},
		{"now", until(8, func(u *Use) { u.User = pointer(7_000_000) }), false},
		{"in the window", day()[:8], false},
		{"connections have left", until(8, func(u *Use) { u.Open = 980 }), false},
		{"not before the first connection either", until(8, nil)[1:], false},
		{"no account", nil, false},
		{"no connection", day()[:1], false},
	} {
		if got := Unread(c.uses, at(6)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Replicas that start one after another connect for longer than any of them.
func TestConnectTime(t *testing.T) {
	part := func(from, took float64) Replica {
		r := replica(1, 1000)
		r.DialledAt, r.ConnectTime = at(from), time.Duration(took*float64(time.Second))
		return r
	}
	silent := replica(1, 1000)
	silent.ConnectTime = 7 * time.Second
	for _, c := range []struct {
		name  string
		parts []Replica
		want  time.Duration
		known bool
	}{
		{"one", []Replica{part(1, 2)}, 2 * time.Second, true},
		{"one after another", []Replica{part(1, 1), part(2, 1), part(0, 1)}, 3 * time.Second, true},
		{"one within another", []Replica{part(1, 0.5), part(0, 4)}, 4 * time.Second, true},
		{"one does not say when", []Replica{part(1, 1), silent, part(5, 1)}, 7 * time.Second, false},
	} {
		got, err := Merge(c.parts)
		if err != nil || got.ConnectTime != c.want || got.DialledAt.IsZero() == c.known {
			t.Errorf("%s: %v from %v, %v, want %v", c.name, got.ConnectTime, got.DialledAt, err, c.want)
		}
	}
}

func TestMergeHosts(t *testing.T) {
	part := func(boot string, usable float64, elsewhere bool, cpus ...int) Replica {
		r := replica(1, 10)
		r.Hosts, r.Usable, r.Elsewhere = []Host{{boot, cpus}}, usable, elsewhere
		return r
	}
	parts := []Replica{part("b", 1, true, 2, 3), part("a", 4, true, 0, 1), part("b", 1, true, 1, 2)}
	got, err := Merge(parts)
	want := []Host{{"a", []int{0, 1}}, {"b", []int{1, 2, 3}}}
	if err != nil || !reflect.DeepEqual(got.Hosts, want) || got.Usable != 6 || got.Allowed() != 5 || !got.Elsewhere {
		t.Errorf("%+v, %v usable, %v allowed, elsewhere %v, %v; want %+v, 6, 5, true", got.Hosts, got.Usable, got.Allowed(), got.Elsewhere, err, want)
	}
	if !reflect.DeepEqual(parts[0].Hosts, []Host{{"b", []int{2, 3}}}) {
		t.Errorf("a merge changed a replica: %+v", parts[0].Hosts)
	}
	for _, parts := range [][]Replica{append(parts, part("a", 1, false, 0)), append([]Replica{part("a", 1, false, 0)}, parts...)} {
		if got, err := Merge(parts); err != nil || got.Elsewhere {
			t.Errorf("one is on the server's machine, and all are elsewhere: %v", err)
		}
	}
}

func TestWindowsApart(t *testing.T) {
	part := func(opened float64) Replica {
		r := replica(1, 1000)
		r.OpenedAt = at(opened)
		return r
	}
	silent := replica(1, 1000)
	got, err := Merge([]Replica{part(3.5), silent, part(3.25), part(4)})
	if err != nil || !got.OpenedAt.Equal(at(3.25)) || got.Apart != 750*time.Millisecond {
		t.Errorf("opened at %v, %v apart, %v; want %v, 750ms", got.OpenedAt, got.Apart, err, at(3.25))
	}
	// A merge of merges knows as much.
	first, _ := Merge([]Replica{part(3.5), part(4)})
	second, _ := Merge([]Replica{part(3.25), silent})
	for _, parts := range [][]Replica{{first, second}, {second, first}} {
		got, err := Merge(parts)
		if err != nil || !got.OpenedAt.Equal(at(3.25)) || got.Apart != 750*time.Millisecond {
			t.Errorf("merged merges opened at %v, %v apart, %v", got.OpenedAt, got.Apart, err)
		}
	}
}
