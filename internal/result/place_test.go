package result

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestPlaceCPUs(t *testing.T) {
	for _, c := range []struct {
		place Place
		cpus  float64
		loops int
		text  string
	}{
		{Place{Width: 2}, 2, 2, "2 CPUs"},
		{Place{Width: 1}, 1, 1, "1 CPU"},
		{Place{Width: 2, Quota: 0.5}, 0.5, 1, "0.5 of 2 CPUs (quota)"},
		{Place{Width: 8, Quota: 2.5}, 2.5, 3, "2.5 of 8 CPUs (quota)"},
		{Place{}, 0, 1, "0 CPUs"},
	} {
		if c.place.CPUs() != c.cpus || c.place.Loops() != c.loops || c.place.String() != c.text {
			t.Errorf("%+v: %v CPUs, %d loops, %q; want %v, %d, %q", c.place, c.place.CPUs(), c.place.Loops(), c.place, c.cpus, c.loops, c.text)
		}
	}
}

func steal(d time.Duration) *time.Duration { return &d }

func TestLossesSince(t *testing.T) {
	at := time.Unix(100, 0)
	before := Losses{At: at, CPUs: 2, Throttled: time.Second, Periods: 10, Hits: 4, Steal: steal(time.Second)}
	after := Losses{At: at.Add(2 * time.Second), CPUs: 2, Throttled: 4 * time.Second, Periods: 30, Hits: 24, Steal: steal(1200 * time.Millisecond)}
	throttled, stolen := after.Since(before)
	if want := (Loss{Time: 3 * time.Second, Wall: 2 * time.Second, CPUs: 2, Periods: 20, Hits: 20}); throttled == nil || *throttled != want || throttled.Share() != 0.75 {
		t.Errorf("throttled %+v, want %+v", throttled, want)
	}
	if want := (Loss{Time: 200 * time.Millisecond, Wall: 2 * time.Second, CPUs: 2}); stolen == nil || *stolen != want || stolen.Share() != 0.05 {
		t.Errorf("stolen %+v, want %+v", stolen, want)
	}
	// What cannot be is not known: the group was made anew, or was never read.
	if throttled, stolen := before.Since(after); throttled != nil || stolen != nil {
		t.Errorf("backwards: %+v, %+v", throttled, stolen)
	}
	if throttled, stolen := after.Since(Losses{}); throttled != nil || stolen != nil {
		t.Errorf("since nothing: %+v, %+v", throttled, stolen)
	}
	anew := after
	anew.Throttled, anew.Steal = 0, nil
	if throttled, stolen := anew.Since(before); throttled != nil || stolen != nil {
		t.Errorf("begun anew: %+v, %+v", throttled, stolen)
	}
	// Nested quotas are added, and can come to more than there is.
	if l := (Loss{Time: 3 * time.Second, Wall: time.Second, CPUs: 2}); l.Share() != 1 {
		t.Errorf("share %v, want 1", l.Share())
	}
	if l := (Loss{Time: time.Second}); l.Share() != 0 {
		t.Errorf("share of nothing %v, want 0", l.Share())
	}
}

// A server's account is cut to the window.
func TestDuringLosses(t *testing.T) {
	start := time.Unix(1000, 0)
	var uses []Use
	for second := range 5 {
		uses = append(uses, Use{
			At: start.Add(time.Duration(second) * time.Second), Processes: 1, CPU: time.Duration(second) * time.Second,
			Losses: &Losses{CPUs: 2, Throttled: time.Duration(second) * 1500 * time.Millisecond, Periods: int64(10 * second), Hits: int64(10 * second), Steal: steal(time.Duration(second) * 100 * time.Millisecond)},
		})
	}
	uses[0].Place = &Place{Width: 2, Quota: 0.5}
	s := During(uses, start.Add(time.Second), start.Add(3*time.Second))
	if s == nil || s.Place == nil || s.Place.Quota != 0.5 {
		t.Fatalf("%+v", s)
	}
	if want := (Loss{Time: 3 * time.Second, Wall: 2 * time.Second, CPUs: 2, Periods: 20, Hits: 20}); s.Throttled == nil || *s.Throttled != want {
		t.Errorf("throttled %+v, want %+v", s.Throttled, want)
	}
	if want := (Loss{Time: 200 * time.Millisecond, Wall: 2 * time.Second, CPUs: 2}); s.Steal == nil || *s.Steal != want {
		t.Errorf("steal %+v, want %+v", s.Steal, want)
	}
	// A server of a version that does not say has neither.
	for i := range uses {
		uses[i].Losses, uses[i].Place = nil, nil
	}
	if s := During(uses, start.Add(time.Second), start.Add(3*time.Second)); s == nil || s.Throttled != nil || s.Steal != nil || s.Place != nil {
		t.Errorf("%+v", s)
	}
}

func TestMergePlaces(t *testing.T) {
	a, b := Place{Width: 2}, Place{Width: 2, Quota: 0.5}
	replica := func(p Place, lost time.Duration) Replica {
		return Replica{Replicas: 1, Window: time.Second, Places: []Place{p}, Throttled: &Loss{Time: lost, Wall: time.Second, CPUs: 2}}
	}
	old := Replica{Replicas: 1, Window: time.Second} // of a version that does not say
	sum, err := Merge([]Replica{replica(a, 0), old, replica(b, time.Second), replica(a, time.Millisecond)})
	if err != nil || !slices.Equal(sum.Places, []Place{a, b}) || sum.Throttled.Share() != 0.5 || sum.Steal != nil {
		t.Errorf("%v: places %+v, throttled %+v, steal %+v", err, sum.Places, sum.Throttled, sum.Steal)
	}
	// However many there are, a merge keeps few.
	var m Merger
	for i := range 1000 {
		if err := m.Add(fmt.Sprint(i), replica(Place{Width: i + 1}, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if sum, err := m.Merged(); err != nil || len(sum.Places) != mostPlaces {
		t.Errorf("%v: %d places, want %d", err, len(sum.Places), mostPlaces)
	}
}
