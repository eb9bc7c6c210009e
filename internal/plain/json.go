package plain

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON replaces, in JSON text, the characters that must not reach a terminal by
// their escapes: what the text says stays the same. encoding/json escapes
// the control characters below space only. The result is text itself where
// there is nothing to replace.
func JSON(text []byte) []byte {
	var out []byte
	kept := 0 // up to here all is in out
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
