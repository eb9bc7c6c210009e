package plain

import (
	"regexp"
	"strings"
)

// number matches what a spreadsheet reads as a number, including its sign.
var number = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// Cell converts untrusted text to a cell of a CSV file: one line that no spreadsheet
// reads as a formula. Text that begins with = + - or @, or their wide forms, gets a
// leading apostrophe; so does text after a semicolon, which separates cells if the comma
// is the decimal point. Numbers stay unchanged.
//
// The characters are those of https://owasp.org/www-community/attacks/CSV_Injection.
func Cell(s string) string {
	s = Line(s)
	if number.MatchString(s) {
		return s
	}
	parts := strings.Split(s, ";")
	for i, part := range parts {
		text := strings.TrimLeft(part, " \"'")
		if text != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(text)[0]) && !strings.HasPrefix(part, "'") {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, ";")
}
