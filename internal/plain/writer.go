package plain

import "io"

// Writer passes text on to W without what must not reach a terminal or a CI
// log. Lines, tabs and the space between words stay as they are. Each Write is
// cleaned by itself: a character whose bytes come in two of them is replaced.
type Writer struct{ W io.Writer }

// Write implements io.Writer. It counts the bytes of p, whatever is left of
// them, and passes nothing on where nothing is left.
func (w Writer) Write(p []byte) (int, error) {
	clean := appendClean(make([]byte, 0, len(p)), string(p), layout)
	if len(clean) == 0 {
		return len(p), nil
	}
	if _, err := w.W.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// layout is the control characters that a text of several lines has.
func layout(r rune) bool { return r == '\n' || r == '\t' }
