package format

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Width is the minimum width of a terminal, in columns, for which text is formatted.
const Width = 80

// Wrap writes text in lines of at most Width columns, broken between words if possible.
// Lines after the first begin with indent.
func Wrap(out *bytes.Buffer, text, indent string) { hang(out, "", text, indent) }

// Hang writes text after a lead in lines of at most Width columns. Lines after the first
// are indented by the length of the lead.
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
			if head == "" { // no room for a wide character: at least one per line
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

// Shorten removes the middle of text that takes more than n columns, because both ends
// may distinguish names.
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

// Escape escapes text for Markdown.
func Escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "&", "&amp;", "[", `\[`, "#", `\#`, "~", `\~`, ">", "&gt;", "$", `\$`,
	).Replace(s)
}
