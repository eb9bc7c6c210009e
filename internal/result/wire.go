package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"c1m/internal/plain"
)

// A tagged line is "c1m " and a JSON object. Docker splits lines at 16 KiB, so a
// long object is sent in parts: lines with a piece of its text each.
const (
	tag       = "c1m "
	longest   = 8 << 10 // bytes of a line that is not split, including tag and newline
	pieceSize = 6 << 10 // bytes of text in a part; quoting at most doubles them
)

// NameSize is the maximum length of a run's id and of a sender's name, in bytes.
const NameSize = 200

// FromServer is the sender's name of every server; all other names are replicas.
const FromServer = "server"

// part is a piece of a Line that is too long for one physical line.
type part struct {
	Version int `json:"v"`

	Run  string `json:"run,omitempty"`
	From string `json:"from"`

	// Message identifies a message of a sender: the CRC-32 (IEEE) of the whole
	// text. It needs no counter shared by writers, and lets the reader verify the
	// assembled text.
	Message uint32 `json:"message"`

	Part string `json:"part"` // "2/5"
	Text string `json:"text"`
}

// WriteLine writes l to w as a tagged line, or as several below 16 KiB if it is
// long. It calls Write once, so that lines of several goroutines do not mix.
func WriteLine(w io.Writer, l Line) error {
	if err := l.validate(); err != nil {
		return fmt.Errorf("tagged line: %w", err)
	}
	text, err := json.Marshal(versioned{LineVersion, l})
	if err != nil {
		return fmt.Errorf("tagged line: %w", err)
	}
	text = plain.JSON(text)
	out := appendTagged(nil, text)
	if len(out) > longest {
		if out, err = appendParts(nil, l, string(text)); err != nil {
			return fmt.Errorf("tagged line: %w", err)
		}
	}
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("tagged line: %w", err)
	}
	return nil
}

func appendTagged(out, text []byte) []byte {
	out = append(out, tag...)
	out = append(out, text...)
	return append(out, '\n')
}

func appendParts(out []byte, l Line, text string) ([]byte, error) {
	if len(text) > maxMessage {
		return nil, fmt.Errorf("%d bytes: at most %d can be sent", len(text), maxMessage)
	}
	message := crc32.ChecksumIEEE([]byte(text))
	pieces := cut(text, pieceSize)
	for i, piece := range pieces {
		line, err := json.Marshal(part{
			Version: LineVersion,
			Run:     l.Run,
			From:    l.From,
			Message: message,
			Part:    strconv.Itoa(i+1) + "/" + strconv.Itoa(len(pieces)),
			Text:    piece,
		})
		if err != nil {
			return nil, err
		}
		out = appendTagged(out, line)
	}
	return out, nil
}

// cut splits text into pieces of at most size bytes, between characters: JSON
// would replace incomplete ones.
func cut(text string, size int) []string {
	var pieces []string
	for len(text) > size {
		n := size
		for n > size-utf8.UTFMax && !utf8.RuneStart(text[n]) {
			n--
		}
		pieces = append(pieces, text[:n])
		text = text[n:]
	}
	return append(pieces, text)
}

// validate checks that exactly one of the pointers is set, that the sender has a
// valid name, and that the numbers of a Replica are possible.
func (l Line) validate() error {
	set := 0
	for _, is := range []bool{
		l.Hello != nil, l.Ready != nil, l.Progress != nil, l.Primed != nil, l.Closed != nil,
		l.Replica != nil, l.Server != nil, l.Use != nil, l.Failed != nil,
	} {
		if is {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("has %d reports: want one", set)
	}
	if err := l.Replica.bounded(); err != nil {
		return fmt.Errorf("replica: %w", err)
	}
	return sender(l.Run, l.From)
}

// sender refuses names that are missing, too long, or unsafe to display.
func sender(run, from string) error {
	switch {
	case from == "":
		return errors.New(`has no sender in "from"`)
	case len(run) > NameSize || len(from) > NameSize:
		return fmt.Errorf(`"run" or "from" is longer than %d bytes`, NameSize)
	}
	for _, name := range []string{run, from} {
		if err := plain.Check(name); err != nil {
			return fmt.Errorf("the name %q: %w", name, err)
		}
	}
	return nil
}

// Tagged reports whether a physical line has a tag, even if it is damaged.
func Tagged(line string) bool {
	_, ours := untag(line)
	return ours
}

// untag returns the JSON text after the tag, if the line has one. The tag may
// follow a prefix added by a log collector: a name and a bar, a timestamp, a
// colour. It does not count inside a word.
func untag(line string) (string, bool) {
	for from := 0; ; {
		i := strings.Index(line[from:], tag+"{")
		if i < 0 {
			return "", false
		}
		i += from
		if i == 0 || strings.IndexByte(" \t|", line[i-1]) >= 0 || endsColour(line[:i]) {
			return strings.TrimRight(line[i+len(tag):], " \t\r\n"), true
		}
		from = i + 1
	}
}

// endsColour reports whether s ends with a terminal colour sequence, such as
// "\x1b[0m".
func endsColour(s string) bool {
	s, ok := strings.CutSuffix(s, "m")
	if !ok {
		return false
	}
	return strings.HasSuffix(strings.TrimRight(s, "0123456789;"), "\x1b[")
}
