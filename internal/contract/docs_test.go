//go:build linux

package contract

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"c1m/internal/proto"
)

var update = flag.Bool("update", false, "write the clauses of docs/conformance.md anew")

// The page has a paragraph for each clause, which is what the clause says of
// itself.
func TestDocs(t *testing.T) {
	const name, mark = "../../docs/conformance.md", "<!-- From here on: go test ./internal/contract -update -->\n"
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, got, found := bytes.Cut(page, []byte(mark))
	if !found {
		t.Fatalf("%s has no line %s", name, mark)
	}
	var want bytes.Buffer
	for _, c := range Clauses() {
		where := ""
		if len(c.Protocols) == 1 {
			where = " Only `-proto " + string(c.Protocols[0]) + "`."
		}
		fmt.Fprintf(&want, "\n### `%s`: %s\n\n%s%s\n", c.ID, c.Title, c.Why, where)
	}
	if *update {
		if err := os.WriteFile(name, append(append(head, mark...), want.Bytes()...), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s does not say what the clauses say; go test ./internal/contract -update writes it", name)
	}
}

// A clause has what tables and the page need.
func TestClauses(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range Clauses() {
		if seen[c.ID] {
			t.Errorf("%s: twice", c.ID)
		}
		seen[c.ID] = true
		if n := len([]rune(c.Title)); n == 0 || n > 46 || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: title %q of %d characters; want 1 to 46 without a full stop", c.ID, c.Title, n)
		}
		if len(c.ID) > 15 {
			t.Errorf("%s: want an id of at most 15 characters", c.ID)
		}
		if !strings.Contains(c.Why, "](https://") || !strings.HasSuffix(c.Why, ".") || !unicode.IsUpper(rune(c.Why[0])) && !unicode.IsDigit(rune(c.Why[0])) {
			t.Errorf("%s: want a reason in sentences, with the address of its source: %s", c.ID, c.Why)
		}
		if len(c.Protocols) == 0 || c.run == nil {
			t.Errorf("%s: no protocol, or nothing to run", c.ID)
		}
	}
	for _, p := range proto.Protocols() {
		if len(For(p)) == 0 {
			t.Errorf("%s has no clauses", p)
		}
	}
}
