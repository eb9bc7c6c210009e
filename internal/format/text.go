package format

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Width is how many columns a terminal has at least. Text that is not wide
// stays within.
const Width = 80

// Wrap writes text in lines of at most Width characters, broken between words
// where it can be; those after the first are indented.
func Wrap(out *bytes.Buffer, text, indent string) { hang(out, "", text, indent) }

// Hang writes text behind a lead in lines of at most Width characters; those
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
			runes := []rune(word)
			room := Width - Length(line)
			line += string(runes[:room])
			word = string(runes[room:])
			flush()
		}
		line += word
		filled++
	}
	if filled > 0 {
		flush()
	}
}

// Shorten cuts the middle out of text that has more than n characters: both
// ends tell names apart.
func Shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	if n <= 1 {
		return "…"[:min(n, 1)*len("…")]
	}
	tail := (n - 1) / 2
	head := n - 1 - tail
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}

// Length is in characters: every one this project writes is one column wide.
func Length(s string) int { return utf8.RuneCountInString(s) }

// Escape keeps text from being read as Markdown.
func Escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "&", "&amp;", "[", `\[`, "#", `\#`, "~", `\~`, ">", "&gt;", "$", `\$`,
	).Replace(s)
}
