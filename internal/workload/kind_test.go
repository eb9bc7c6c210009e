//go:build linux

package workload_test

import (
	"slices"
	"strings"
	"testing"

	"c1m/internal/workload"
	"c1m/internal/workload/workloadtest"
)

// What a kind of traffic needs is its entry of the table: then it has words, and servers
// and replicas are told of it.
func TestEveryKind(t *testing.T) {
	words, labels := make(map[string]bool), make(map[string]bool)
	for kind, w := range workloadtest.Each() {
		if kind != workload.Closed && (w.Words() == "" || w.Label() == "") || !strings.HasPrefix(w.Words(), w.Brief()) {
			t.Errorf("%s is %q in a heading, %q in a note, and has the label %q", kind, w.Words(), w.Brief(), w.Label())
		}
		if words[w.Words()] || labels[w.Label()] {
			t.Errorf("%s cannot be told from another kind: %q, %q", kind, w.Words(), w.Label())
		}
		words[w.Words()], labels[w.Label()] = true, true
		if kind == workload.Searched { // is a matter of the harness
			continue
		}
		given := make(workload.Given)
		for _, arg := range slices.Concat(w.Args(workload.Client), w.Args(workload.Server)) {
			name, value, valued := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			if !valued {
				value = "true"
			}
			given[name] = []string{value}
		}
		if got, err := given.Workload(); err != nil || got != w {
			t.Errorf("%s is told as %v, which is %+v, %v; want %+v", kind, given, got, err, w)
		}
		for n := 1; n <= 7; n += 3 {
			sum := w.Share(0, n)
			for i := 1; i < n; i++ {
				if flag, _, _ := sum.Differs(w.Share(i, n)); flag != "" {
					t.Errorf("%s: part %d of %d differs in -%s", kind, i, n, flag)
				}
				sum = sum.Plus(w.Share(i, n))
			}
			if sum.Conns != w.Conns || sum.Kind() != kind {
				t.Errorf("%s: %d parts are %+v together", kind, n, sum)
			}
		}
	}
}
