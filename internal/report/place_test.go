package report

import (
	"bytes"
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// limited is the run of the golden files in a place with a quota; its server
// has less.
func limited() result.Run {
	run := resulttest.Table()
	run.Header.Environment.Memory = 24e9
	run.Header.Environment.Place = &result.Place{Set: "0-1", Width: 2, Quota: 1.5, Memory: 2e9, Governor: "powersave"}
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Load == nil || t.Server == nil {
			continue
		}
		load := *t.Load
		load.Places = []result.Place{*run.Header.Environment.Place}
		load.Throttled = &result.Loss{Time: 5e8, Wall: 1e9, CPUs: 2, Periods: 10, Hits: 5}
		server := *t.Server
		server.Place = &result.Place{Set: "1", Width: 1, Quota: 0.5}
		server.Throttled = &result.Loss{Time: 5e8, Wall: 1e9, CPUs: 1, Periods: 10, Hits: 9}
		server.Steal = &result.Loss{Time: 2e7, Wall: 1e9, CPUs: 1}
		t.Load, t.Server = &load, &server
	}
	return run
}

// Every rendering tells the CPUs there really are.
func TestPlaceIsShown(t *testing.T) {
	own := "1.5 of 2 CPUs (quota)"
	server := "0.5 of 1 CPU (quota), numbers 1"
	clients := "1.5 of 2 CPUs (quota), numbers 0-1, at most 2.0GB of memory, governor powersave"
	for format, want := range map[string][]string{
		"text":     {own, "at most 2.0GB of memory, governor powersave", "server: " + server},
		"markdown": {own, "server: " + server},
		"csv":      {"0.5,0.02,\"" + server + "\",\"" + clients + "\""},
		"json":     {`"quota_cpus": 1.5`, `"server_places"`, `"throttled_share": 0.5`, `"steal_share": 0.02`},
	} {
		var out bytes.Buffer
		if err := Write(&out, limited(), Options{Format: format}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(out.String()), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", format, w, out.String())
			}
		}
		// It is the harness's own place: said once.
		if format == "text" && strings.Contains(text, "clients:") {
			t.Errorf("the clients' place is told twice:\n%s", out.String())
		}
	}
}

// Many places are told as so many.
func TestPlaces(t *testing.T) {
	var list []result.Place
	for width := range 5 {
		list = append(list, result.Place{Width: width + 1})
	}
	if got, want := Places(list), "1 CPU; 2 CPUs; 3 CPUs; 2 other places"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Places(nil); got != "" {
		t.Errorf("no places: %q", got)
	}
}
