package plain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON escapes the characters of JSON text that must not reach a terminal. Its meaning
// stays the same. encoding/json escapes only the control characters below space. If
// there is nothing to escape it returns text itself.
func JSON(text []byte) []byte {
	var out []byte
	kept := 0 // text[:kept] is in out
	for i := 0; i < len(text); {
		if c := text[i]; c < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if hidden(r) {
			out = append(out, text[kept:i]...)
			if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
				out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			kept = i + n
		}
		i += n
	}
	if out == nil {
		return text
	}
	return append(out, text[kept:]...)
}

// Document encodes a value as an indented JSON document that is safe for a terminal and
// ends with a newline. <, > and & stay as they are.
func Document(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return JSON(text.Bytes()), nil
}
