//go:build linux

package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"c1m/internal/compare"
	"c1m/servers"
)

// offered is what a shell would offer after these words, without what is said of
// each, and cobra's directive.
func offered(t *testing.T, words ...string) (list []string, directive string) {
	t.Helper()
	var out, err bytes.Buffer
	if code := run(t.Context(), "bench", append([]string{"__complete"}, words...), streams{nil, &out, &err}); code != exitOK {
		t.Fatalf("%q: exit code %d, %s", words, code, &err)
	}
	if strings.Contains(out.String(), "`") {
		t.Errorf("%q: backticks in\n%s", words, &out)
	}
	for line := range strings.Lines(out.String()) {
		word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		list = append(list, word)
	}
	return list[:len(list)-1], list[len(list)-1]
}

const (
	wordOnly = ":4" // no files
	nextWord = ":6" // nor a space: the word may go on
	anyFile  = ":0"
	byEnding = ":8"
)

func TestCompletion(t *testing.T) {
	for _, test := range []struct {
		words, want string
		directive   string
	}{
		{"run -mo", "-modes", wordOnly},
		{"run --mo", "--modes", wordOnly},
		{"run -conn", "-conns -connect-rate -connect-stages", wordOnly},
		{"run -modes goroutine -c 4 -form", "-format", wordOnly},
		{"run -c4 -form", "-format", wordOnly},
		{"run -format ", "text markdown csv json", wordOnly},
		{"run --format=m", "markdown", wordOnly},
		{"run -modes epo", "epoll epoll:level epoll:edge", nextWord},
		{"run -mode epoll,pre", "epoll,prefork epoll,prefork:inherit epoll,prefork:reuseport epoll,prefork:percpu", nextWord},
		{"run -modes a", "all", nextWord},
		{"server -mode work", "workerpool workerpool:worker workerpool:loop workerpool:unthrottled", wordOnly},
		{"run -peers gn", "gnet gnet-reuseport", nextWord},
		{"conform -peers nbio,al", "nbio,all", nextWord},
		{"run -peers-dir /none -peers ", "all", nextWord},
		{"peers -peers-dir ", "", ":16"},
		{"run -engine ", "local docker swarm kubernetes", wordOnly},
		{"clean -engine ", "docker swarm kubernetes", wordOnly},
		{"run -network ", "host bridge", wordOnly},
		{"run -proto ", "echo ws", nextWord},
		{"run -proto echo,", "echo,echo echo,ws", nextWord},
		{"client -proto ", "echo ws", wordOnly},
		{"run -work sl", "sleep:", nextWord},
		{"run -slo p9", "p90= p99= p99.9=", nextWord},
		{"run -arrivals ", "uniform poisson", wordOnly},
		{"server -push-slow ", "drop disconnect", wordOnly},
		{"compare -gate ops/s,p", "ops/s,p50 ops/s,p99", nextWord},
		{"trend -ignore k", "kernel", nextWord},
		{"trend -format ", "text otava json html", wordOnly},
		{"trend a.jsonl ", "jsonl", byEnding},
		{"report -format h", "html hlog", wordOnly},
		{"report ", "jsonl", byEnding},
		{"compare a.jsonl ", "jsonl", byEnding},
		{"compare a.jsonl b.jsonl ", "", wordOnly},
		{"run ", "", wordOnly},
		{"run -conns ", "", nextWord},
		{"run -d ", "", wordOnly},
		{"run -o ", "", anyFile},
		{"merge ", "", anyFile},
		{"help traf", "traffic", wordOnly},
		{"completion ", "bash zsh fish", wordOnly},
		{"rep", "report", wordOnly},
	} {
		got, directive := offered(t, strings.Split(test.words, " ")...)
		if want := strings.Fields(test.want); !slices.Equal(got, want) || directive != test.directive {
			t.Errorf("%q: %q %s, want %q %s", test.words, got, directive, want, test.directive)
		}
	}
}

// Everything that has a name is offered.
func TestCompletionIsComplete(t *testing.T) {
	modes, _ := offered(t, "run", "-modes", "")
	for _, m := range servers.Modes() {
		for _, v := range m.Variants {
			if !slices.Contains(modes, m.Name+":"+v) {
				t.Errorf("%s:%s is not offered", m.Name, v)
			}
		}
	}
	gates, _ := offered(t, "ab", "-gate", "")
	if !slices.Equal(gates, compare.Gates()) {
		t.Errorf("%q, want %q", gates, compare.Gates())
	}
	flags, _ := offered(t, "run", "-")
	for _, name := range []string{"-modes", "-wide", "-rates"} {
		if !slices.Contains(flags, name) {
			t.Errorf("%s is not among %q", name, flags)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range shells {
		if text := helped(t, "bench", "completion", shell); !strings.Contains(text, "__complete") {
			t.Errorf("%s:\n%s", shell, text)
		}
	}
}
