//go:build linux

package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"
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
