package result

import (
	"cmp"
	"container/list"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// What a decoder holds is bounded, because logs may hold anything.
const (
	maxMessage  = 16 << 20          // bytes of one message's text
	maxParts    = maxMessage / 1024 // parts of one message; ours fill 6 KiB each
	maxHeld     = 4 * maxMessage    // bytes of all unfinished messages together
	messageCost = 512               // bytes that holding a message costs beside its parts
	partCost    = 128               // bytes that holding a part costs beside its text
)

// Lines decodes the tagged lines of many senders, interleaved as their logs
// are. A line costs the same however many messages have begun. The zero value
// is ready; it is for one goroutine.
type Lines struct {
	open  map[messageKey]*message // unfinished
	order list.List               // the same, the oldest first
	held  int                     // their cost in bytes
	limit int                     // on held; 0 means maxHeld
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
	at    *list.Element // of Lines.order
}

// Scan takes one physical line, with or without its newline, and returns the
// Line that it completes. The bool is false, without an error, for a line
// that is not ours (no tag) and for a part of a Line that is not complete
// yet. An error means a tagged line that cannot be read, a VersionError one of
// another version, or parts that do not fit together; scanning may go on after
// it.
func (d *Lines) Scan(text string) (Line, bool, error) {
	object, ours := untag(text)
	if !ours {
		return Line{}, false, nil
	}
	var line struct {
		Part    *string `json:"part"`
		Message uint32  `json:"message"`
		Text    string  `json:"text"`
		versioned
	}
	if err := decode(object, &line, &line.versioned); err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	if line.Part != nil {
		return d.part(part{line.Version, line.Run, line.From, line.Message, *line.Part, line.Text}, object)
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
	for e := d.order.Front(); e != nil; e = e.Next() {
		m := e.Value.(*message)
		list = append(list, Unfinished{m.key.run, m.key.from, len(m.have), m.parts})
	}
	return list
}

// part keeps one part, and returns the Line if it was the last one missing.
func (d *Lines) part(p part, object string) (Line, bool, error) {
	i, n, err := p.position()
	if err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	m := d.begun(messageKey{p.Run, p.From, p.Message}, n)
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
	case p.Text == "":
		return 0, 0, errors.New("part without text")
	}
	return i, n, sender(p.Run, p.From)
}

// begun is the unfinished message of that key, which this part may begin.
func (d *Lines) begun(key messageKey, parts int) *message {
	if m := d.open[key]; m != nil {
		return m
	}
	m := &message{key: key, parts: parts, have: make(map[int]string), cost: messageCost + len(key.run) + len(key.from)}
	if d.open == nil {
		d.open = make(map[messageKey]*message)
	}
	d.open[key] = m
	m.at = d.order.PushBack(m)
	d.held += m.cost
	return m
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
	d.order.Remove(m.at)
	delete(d.open, m.key)
}

// bound gives up the oldest unfinished messages when all together have become
// too large, and says so: nothing is lost in silence.
func (d *Lines) bound() error {
	limit := cmp.Or(d.limit, maxHeld)
	if d.held <= limit {
		return nil
	}
	first := d.order.Front().Value.(*message)
	given := 0
	for d.held > limit {
		d.drop(d.order.Front().Value.(*message))
		given++
	}
	others := ""
	if given > 1 {
		others = fmt.Sprintf(", and %d others", given-1)
	}
	return fmt.Errorf("tagged line of %s: given up with %d of %d parts%s: the unfinished lines exceed %d bytes", first.key.from, len(first.have), first.parts, others, limit)
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
	var v versioned
	if err := decode(whole, &v, &v); err != nil {
		return Line{}, false, fmt.Errorf("tagged line of %s, in %d parts: %w", m.key.from, m.parts, err)
	}
	l := v.Line
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
