//go:build linux

package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// Help fits a terminal of helpWidth columns, but for examples: a command line
// that is broken cannot be copied.
func TestHelpFitsTheTerminal(t *testing.T) {
	for _, command := range []string{
		"server", "client", "bench", "bench run", "bench report", "bench merge", "bench compare", "bench ab",
		"bench doctor", "bench clean", "bench server", "bench client",
	} {
		words := strings.Fields(command)
		var out, err bytes.Buffer
		if code := run(t.Context(), words[0], append(words[1:], "--help"), streams{nil, &out, &err}); code != exitOK {
			t.Fatalf("%s --help: exit code %d, %s", command, code, &err)
		}
		examples, flags := false, false
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, " ") {
				examples = line == "Examples:" || line == "" && examples
				flags = flags || line == "Flags:"
			}
			if n := utf8.RuneCountInString(line); n > helpWidth && !examples {
				t.Errorf("%s --help: a line of %d columns, want at most %d: %s", command, n, helpWidth, line)
			}
		}
		if !flags {
			t.Errorf("%s --help lists no flags", command)
		}
	}
}
