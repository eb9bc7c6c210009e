package format

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Width is how many columns a terminal has at least. Text that is not wide
// stays within.
const Width = 80

// Wrap writes text in lines of at most Width columns, broken between words
// where it can be; those after the first are indented.
func Wrap(out *bytes.Buffer, text, indent string) { hang(out, "", text, indent) }

// Hang writes text behind a lead in lines of at most Width columns; those
// after the first begin where the text does.
func Hang(out *bytes.Buffer, lead, text string) {
	hang(out, lead, text, strings.Repeat(" ", Length(lead)))
}

func hang(out *bytes.Buffer, lead, text, indent string) {
	line, filled := lead, 0 // filled counts words
	flush := func() {
		out.WriteString(line + "\n")
		line, filled = indent, 0
	}
	for word := range strings.FieldsSeq(text) {
		if filled > 0 && Length(line)+1+Length(word) > Width {
			flush()
		}
		if filled > 0 {
			line += " "
		}
		for Length(line)+Length(word) > Width {
			head := First(word, Width-Length(line))
			if head == "" { // no room for a wide character: a line must get on
				_, size := utf8.DecodeRuneInString(word)
				head = word[:size]
			}
			line += head
			word = word[len(head):]
			flush()
		}
		line += word
		filled++
	}
	if filled > 0 {
		flush()
	}
}

// Shorten cuts the middle out of text that takes more than n columns: both
// ends tell names apart.
func Shorten(text string, n int) string {
	if Length(text) <= n {
		return text
	}
	if n <= 1 {
		return "…"[:min(n, 1)*len("…")]
	}
	tail := (n - 1) / 2
	return First(text, n-1-tail) + "…" + lastColumns(text, tail)
}

// Escape keeps text from being read as Markdown.
func Escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "&", "&amp;", "[", `\[`, "#", `\#`, "~", `\~`, ">", "&gt;", "$", `\$`,
	).Replace(s)
}
