package plain

import "io"

// Writer writes text to W without escape sequences and hidden characters. Newlines, tabs
// and spaces stay unchanged. Each Write is cleaned by itself: a character that is split
// over two calls is replaced.
type Writer struct{ W io.Writer }

// Write implements io.Writer. It returns len(p) even if fewer bytes remain, and does not
// call W if none remain.
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

// layout reports whether r is a control character of multi-line text.
func layout(r rune) bool { return r == '\n' || r == '\t' }
