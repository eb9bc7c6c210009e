//go:build linux

package plan

import "testing"

func TestTarget(t *testing.T) {
	for value, want := range map[string][2]string{
		"there:80":                           {"there:80", ""},
		"[::1]:80":                           {"[::1]:80", ""},
		"there:80,metrics=there:8973":        {"there:80", "there:8973"},
		"10.0.0.5:80,metrics=[fe80::1]:8973": {"10.0.0.5:80", "[fe80::1]:8973"},
	} {
		addr, metrics, err := target(Other{"t", value})
		if err != nil || addr != want[0] || metrics != want[1] {
			t.Errorf("%s: %q, %q, %v; want %q", value, addr, metrics, err, want)
		}
	}
	const plain, both = ": want NAME=HOST:PORT", ": want NAME=HOST:PORT,metrics=HOST:PORT"
	for value, want := range map[string]string{
		"there":                       plain,
		"there:":                      plain,
		",metrics=there:1":            plain,
		"there:80,":                   both,
		"there:80,metrics=":           both,
		"there:80,metrics=8973":       both,
		"there:80,metrics=:8973":      both,
		"there:80,metrics=there:":     both,
		"there:80,metric=there:1":     both,
		"there:80,metrics=there:1,x":  both,
		"there:80,metrics=there:1,,x": both,
	} {
		if _, _, err := target(Other{"t", value}); err == nil || err.Error() != "-target t="+value+want {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
}

// Where the metrics are is part of a cell, and not of its load: rows with and without them
// are compared.
func TestMetricsOfATarget(t *testing.T) {
	cells := cellsOf(t, asked(func(r *Request) {
		r.Modes = []string{"none"}
		r.Targets = []Other{{"t", "there:80,metrics=there:81"}, {"u", "there:82"}}
		set(r, "conn", "10")
	}))
	if len(cells) != 2 || cells[0].Command != "there:80" || cells[0].Metrics != "there:81" || cells[1].Metrics != "" {
		t.Fatalf("cells %+v", cells)
	}
	if cells[0].LoadKey() != cells[1].LoadKey() {
		t.Errorf("loads %s and %s differ", cells[0].LoadKey(), cells[1].LoadKey())
	}
	request := Request{Modes: []string{"none"}, Targets: []Other{{"t", "there:80,metrics=there:81"}}}
	if _, err := request.Servers(Machine{}); err == nil || err.Error() != "-target t: metrics= requires bench run, which measures what the server uses" {
		t.Errorf("servers without a load: %v", err)
	}
}
