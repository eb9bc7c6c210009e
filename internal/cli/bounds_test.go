//go:build linux

package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// Whatever absurd value a flag is given, the answer is one line that names it,
// and exit code 2: nothing overflows, and nothing waits for 290 years.
func TestAbsurdValues(t *testing.T) {
	times := []string{"-1s", "25h", "2540400h", "1e300s", "290y", "NaN", "Inf"}
	numbers := []string{"-1", "NaN", "Inf", "-Inf", "1e300", "1e400"}
	absurdStages := []string{"1s", "0s:1", "25h:1", "-1s:1", "1s:-1", "1s:NaN", "1s:Inf", "1s:1e300", "1s:0", "1s:5..0", "1s:5,1s:1e-300", "24h:1,1ms:1"}
	with := func(list []string, more ...string) []string { return append(list[:len(list):len(list)], more...) }
	for command, flags := range map[string]map[string][]string{
		"server -addr 127.0.0.1:0": {
			"-interval": times, "-work": {"sleep:-1s", "sleep:0", "sleep:25h", "sleep:290y", "cpu:-1", "cpu:1e300", "cpu:NaN"},
			"-c": with(numbers, "0"), "-mode=epoll -proto ws -traffic push -push-rate": with(numbers, "0", "1e-300"),
			"-mode=epoll -proto ws -traffic push -push-fraction": {"0%", "-1%", "NaN%", "Inf%", "1e300%", "101%"},
			"-mode=epoll -proto ws -traffic push -push-size":     with(numbers, "0", "2MiB"),
		},
		"client -ip 127.0.0.1 -port 1": {
			"-d": with(times, "0", "1ns", "999us"), "-warmup": times, "-timeout": with(times, "0"), "-drain": times, "-interval": times,
			"-conn": with(numbers, "0"), "-c": with(numbers, "0"), "-port": with(numbers, "0", "65536"), "-size": with(numbers, "0", "2MiB"),
			"-connect-rate": with(numbers, "1e-300"), "-connect-stages": absurdStages, "-rate": with(numbers, "0", "1e-300"), "-churn": with(numbers, "1e-300"),
			"-pipeline": with(numbers, "0", "1025"), "-busy": with(numbers, "0", "0%", "101%", "NaN%"), "-sm": {"\"3000-01-01T00:00:00 +0000\"", "never"},
		},
		"bench run -modes epoll -conns 10": {
			"-d": with(times, "0", "1ns", "999us"), "-warmup": times, "-timeout": with(times, "0"), "-exec-start-timeout": with(times, "0"),
			"-conns": with(numbers, "0"), "-rounds": with(numbers, "0", "10001"), "-c": with(numbers, "0"), "-client-c": with(numbers, "0"),
			"-replicas": with(numbers, "0"), "-connect-rate": with(numbers, "1e-300"), "-connect-stages": absurdStages, "-rates": with(numbers, "0", "0%", "201%", "NaN%", "Inf%"),
			"-churn": with(numbers), "-pipeline": with(numbers, "0"), "-busy": with(numbers, "0"), "-size": with(numbers, "0"),
			"-slo": {"p99=0", "p99=-1s", "p99=290y", "p99=24h", "p99=NaN"}, "-work": {"sleep:25h", "sleep:-1s", "cpu:1e300"}, "-seed": with(numbers),
			"-proto ws -traffic push -push-rate": with(numbers, "0", "1e-300"), "-engine docker -coordinator none -start-after": times,
		},
		"bench ab -a x{port} -b y{port}": {"-d": with(times, "0", "1ns", "999us"), "-warmup": times, "-timeout": with(times, "0"), "-for": with(times, "0", "999ms"), "-rounds": with(numbers, "0", "10001"), "-conns": with(numbers, "0")},
		"bench run -modes all -conns 10": {"-rounds": {"10000"}}, // more trials than a run file holds
		"bench doctor":                   {"-conns": with(numbers, "0"), "-replicas": with(numbers, "0"), "-c": with(numbers, "0")},
		"bench merge no.log":             {"-expect": numbers},
	} {
		for flag, values := range flags {
			for _, value := range values {
				line := append(strings.Fields(command), strings.Fields(flag)...)
				line = append(line, strings.Trim(value, "\""))
				var out, said bytes.Buffer
				code := run(canceled(t), line[0], line[1:], streams{strings.NewReader(""), &out, &said})
				name := "-" + strings.TrimLeft(line[len(line)-2], "-")
				if text := said.String(); code != 2 || strings.Count(text, "\n") != 1 || !strings.Contains(text, name) || out.Len() > 0 {
					t.Errorf("%s: exit %d, %q", strings.Join(line, " "), code, text)
				}
			}
		}
	}
}

// canceled keeps what is not refused from running.
func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
