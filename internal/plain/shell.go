package plain

import (
	"regexp"
	"strings"
)

// bare are words that no shell changes. A brace is safe around a name alone: some
// shells expand {a,b} and {1..3}.
var bare = regexp.MustCompile(`^(?:[a-zA-Z0-9%+,./:=@_-]|\{[a-z]+\})+$`)

// ShellWord returns text as one word of a POSIX shell's command line, quoted only
// where necessary: a placeholder such as {addr} stays as it is.
func ShellWord(text string) string {
	if bare.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
