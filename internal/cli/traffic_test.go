//go:build linux

package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every two flags of a load either go together, and then both are in what is
// started, or are refused in a line that names both.
func TestFlagsInPairs(t *testing.T) {
	flags := map[string]struct {
		args []string
		seen string // in what is started; empty: only the harness knows
	}{
		"idle":     {[]string{"-idle"}, " --idle"},
		"busy":     {[]string{"-busy", "20"}, " --busy=20"},
		"pipeline": {[]string{"-pipeline", "4"}, " --pipeline=4"},
		"churn":    {[]string{"-churn", "10"}, " --churn=10"},
		"storm":    {[]string{"-storm"}, " --storm"},
		"rates":    {[]string{"-rates", "1k"}, " --rate=1000"},
		"slo":      {[]string{"-slo", "p99=5ms"}, ""},
		"size":     {[]string{"-size", "64"}, " --size=64"},
		"work":     {[]string{"-work", "sleep:1ms"}, " --work=sleep:1ms"},
		"replicas": {[]string{"-replicas", "2"}, " --replica=1/2"},
		"exec":     {[]string{"-exec", "mine=./mine {addr}"}, "mine"},
		"target":   {[]string{"-target", "there=127.0.0.1:9"}, "127.0.0.1"},
		"proto":    {[]string{"-proto", "ws"}, " --proto=ws"},
	}
	refused := map[string][]string{
		"idle":     {"busy", "pipeline", "churn", "storm", "rates", "slo", "size", "work"},
		"pipeline": {"churn", "storm", "rates", "slo", "work"},
		"churn":    {"storm", "rates", "slo"},
		"storm":    {"rates", "slo"},
		"slo":      {"rates"},
	}
	names := slices.Sorted(maps.Keys(flags))
	for i, a := range names {
		for _, b := range names[i+1:] {
			args := slices.Concat([]string{"run", "-dry-run", "-modes", "epoll", "-conns", "100"}, flags[a].args, flags[b].args)
			var out, err strings.Builder
			code := run(t.Context(), "bench", args, streams{strings.NewReader(""), &out, &err})
			if slices.Contains(refused[a], b) || slices.Contains(refused[b], a) {
				if said := err.String(); code != exitUsage || !strings.Contains(said, "-"+a) || !strings.Contains(said, "-"+b) || strings.Count(said, "\n") != 1 {
					t.Errorf("-%s -%s: exit code %d, %q; want 2 and a line that names both", a, b, code, said)
				}
				continue
			}
			if code != 0 {
				t.Errorf("-%s -%s: exit code %d: %s", a, b, code, err.String())
			}
			for _, name := range []string{a, b} {
				if seen := flags[name].seen; !strings.Contains(out.String(), seen) {
					t.Errorf("-%s -%s: no %q in what is started:\n%s", a, b, seen, out.String())
				}
			}
		}
	}
}

// No two cells of a run are the same, in whatever words their loads were said.
func TestNoCellTwice(t *testing.T) {
	cells := plan(t, runWith(func(f *runFlags) {
		f.modes = []string{"epoll"}
		f.set("conn", "10", "1000")
		f.execs = pairs{{"mine", "./mine {addr}"}}
		f.set("work", "none", "sleep:1ms", "sleep:1000us")
		f.set("proto", "echo", "echo")
		f.set("busy", "1%", "1", "100%", "10")
	}))
	// Busy are 1 and all of 10, and 1, 10 and all of 1000.
	if want := 2*(2+1) + 3*(2+1); len(cells) != want {
		t.Errorf("%d cells, want %d", len(cells), want)
	}
	for _, c := range cells {
		if c.Busy == c.Conns {
			t.Errorf("all of %d are said to be busy", c.Conns)
		}
	}
}

// A storm has a window in which its connections can come back, unless one was
// asked for.
func TestStormWindow(t *testing.T) {
	change := func(f *runFlags) {
		f.set("storm", "true")
		f.set("conn", "100", "10k", "1M")
	}
	for given, want := range map[string][]time.Duration{
		"":         {4 * time.Second, 10 * time.Second, time.Minute},
		"duration": {time.Second, time.Second, time.Second},
	} {
		var got []time.Duration
		for _, c := range plan(t, runWith(change), given) {
			if c.Row == "epoll" {
				got = append(got, c.Window)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("given %q: %v, want %v", given, got, want)
		}
	}
}

// Loops that were asked for are not taken away by -busy without a word.
func TestBusyAndLoops(t *testing.T) {
	f := runWith(func(f *runFlags) { f.loops = 4; f.set("busy", "3") })
	if _, err := f.cells(given("client-c")); err == nil || !strings.Contains(err.Error(), "-client-c 4: want 1 to 3 event loops: each replica has only 3 busy connections") {
		t.Errorf("error %v", err)
	}
	f.loops = 3
	for _, c := range plan(t, f, "client-c") {
		if c.Loops != 3 {
			t.Errorf("%d loops, want 3", c.Loops)
		}
	}
}
