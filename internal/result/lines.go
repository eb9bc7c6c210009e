package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

// What a decoder holds is bounded, because logs may hold anything.
const (
	maxMessage = 16 << 20          // bytes of one message's text
	maxParts   = maxMessage / 1024 // parts of one message; ours fill 6 KiB each
	maxHeld    = 4 * maxMessage    // bytes of all unfinished messages together
	partCost   = 128               // bytes that holding a part costs beside its text
)

// Lines decodes the tagged lines of many senders, interleaved as their logs
// are. The zero value is ready; it is for one goroutine.
type Lines struct {
	open  []*message // unfinished, the oldest first
	held  int        // their cost in bytes
	limit int        // on held; 0 means maxHeld
}

type messageKey struct {
	run, from string
	number    uint32
}

type message struct {
	key   messageKey
	parts int
	have  map[int]string
	cost  int
}

// Scan takes one physical line, with or without its newline, and returns the
// Line that it completes. The bool is false, without an error, for a line
// that is not ours (no tag) and for a part of a Line that is not complete
// yet. An error means a tagged line that cannot be read or parts that do not
// fit together; scanning may go on after it.
func (d *Lines) Scan(text string) (Line, bool, error) {
	object, ours := untag(text)
	if !ours {
		return Line{}, false, nil
	}
	var line struct {
		Part *string `json:"part"`
		Line
	}
	if err := json.Unmarshal([]byte(object), &line); err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	if line.Part != nil {
		return d.part(object)
	}
	if err := line.Line.validate(); err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	return line.Line, true, nil
}

// Unfinished is a Line of which only some parts came.
type Unfinished struct {
	Run, From   string
	Have, Parts int
}

// String is what came, of what, and from whom.
func (u Unfinished) String() string {
	return fmt.Sprintf("%s of run %q: %d of %d parts", u.From, u.Run, u.Have, u.Parts)
}

// Unfinished lists the Lines of which only some parts came, the oldest first:
// at the end of a log they are lost.
func (d *Lines) Unfinished() []Unfinished {
	var list []Unfinished
	for _, m := range d.open {
		list = append(list, Unfinished{m.key.run, m.key.from, len(m.have), m.parts})
	}
	return list
}

// part keeps one part, and returns the Line if it was the last one missing.
func (d *Lines) part(object string) (Line, bool, error) {
	var p part
	if err := json.Unmarshal([]byte(object), &p); err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	i, n, err := p.position()
	if err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	key := messageKey{p.Run, p.From, p.Message}
	m := d.find(key)
	if m == nil {
		m = &message{key: key, parts: n, have: make(map[int]string)}
		d.open = append(d.open, m)
	}
	if err := d.add(m, i, n, p.Text); err != nil {
		d.drop(m)
		return Line{}, false, fmt.Errorf("tagged line of %s: part %s: %w", p.From, p.Part, err)
	}
	if len(m.have) < m.parts {
		return Line{}, false, d.bound()
	}
	d.drop(m)
	return m.line()
}

// position reads "2/5".
func (p part) position() (i, n int, err error) {
	first, second, _ := strings.Cut(p.Part, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	switch {
	case err1 != nil || err2 != nil || i < 1 || i > n:
		return 0, 0, errors.New("part is not I/N")
	case n > maxParts:
		return 0, 0, fmt.Errorf("%d parts: at most %d", n, maxParts)
	case p.From == "" || len(p.From) > NameSize || len(p.Run) > NameSize:
		return 0, 0, fmt.Errorf(`"from" and "run" have 1 to %d bytes`, NameSize)
	case p.Text == "":
		return 0, 0, errors.New("part without text")
	}
	return i, n, nil
}

func (d *Lines) find(key messageKey) *message {
	for _, m := range d.open {
		if m.key == key {
			return m
		}
	}
	return nil
}

func (d *Lines) add(m *message, i, n int, text string) error {
	if n != m.parts {
		return fmt.Errorf("earlier parts said %d in all", m.parts)
	}
	if had, twice := m.have[i]; twice {
		if had != text {
			return errors.New("came twice, with different text")
		}
		return nil
	}
	m.have[i] = text
	m.cost += len(text) + partCost
	d.held += len(text) + partCost
	if m.cost > maxMessage+maxParts*partCost {
		return fmt.Errorf("more than %d bytes in all", maxMessage)
	}
	return nil
}

func (d *Lines) drop(m *message) {
	d.held -= m.cost
	d.open = slices.DeleteFunc(d.open, func(o *message) bool { return o == m })
}

// bound gives up the oldest unfinished message when all together have become
// too large, and says so: nothing is lost in silence.
func (d *Lines) bound() error {
	limit := d.limit
	if limit == 0 {
		limit = maxHeld
	}
	if d.held <= limit {
		return nil
	}
	m := d.open[0]
	d.drop(m)
	return fmt.Errorf("tagged line of %s: given up with %d of %d parts: the unfinished lines exceed %d bytes", m.key.from, len(m.have), m.parts, limit)
}

// line assembles the parts.
func (m *message) line() (Line, bool, error) {
	var text strings.Builder
	for i := 1; i <= m.parts; i++ {
		text.WriteString(m.have[i])
	}
	whole := text.String()
	if sum := crc32.ChecksumIEEE([]byte(whole)); sum != m.key.number {
		return Line{}, false, fmt.Errorf("tagged line of %s: its %d parts do not fit together (CRC-32 %d, want %d)", m.key.from, m.parts, sum, m.key.number)
	}
	var l Line
	if err := json.Unmarshal([]byte(whole), &l); err != nil {
		return Line{}, false, fmt.Errorf("tagged line of %s, in %d parts: %w", m.key.from, m.parts, err)
	}
	if err := l.validate(); err != nil {
		return Line{}, false, fmt.Errorf("tagged line of %s, in %d parts: %w", m.key.from, m.parts, err)
	}
	if l.From != m.key.from || l.Run != m.key.run {
		return Line{}, false, fmt.Errorf("tagged line of %s, in %d parts: the whole names another sender, %q", m.key.from, m.parts, l.From)
	}
	return l, true, nil
}

// excerpt is the start of a damaged line, for an error.
func excerpt(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strconv.Quote(text)
}
