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

// Limits of a decoder's memory, because logs may be hostile.
const (
	maxMessage  = 16 << 20          // bytes of one message's text
	maxParts    = maxMessage / 1024 // parts of one message; WriteLine's have 6 KiB each
	maxHeld     = 16 * maxMessage   // bytes of all unfinished messages together: the lines of 100 replicas may mix
	messageCost = 512               // bytes of a message in addition to its parts
	partCost    = 128               // bytes of a part in addition to its text
)

// Lines decodes the tagged lines of many senders, interleaved as in logs. The time
// for a line does not depend on the number of unfinished messages. The zero value
// is ready to use, by one goroutine.
type Lines struct {
	open  map[messageKey]*message // unfinished
	order list.List               // the same, oldest first
	held  int                     // their memory in bytes
	limit int                     // of held; 0 means maxHeld
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

// Scan takes one physical line, with or without its newline, and returns the Line
// that it completes. It returns false and no error for a line without a tag and
// for a part of an incomplete Line. It returns an error for a tagged line that is
// damaged, parts that do not match, and, as a VersionError, another version; it
// may be called again after an error.
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

// Unfinished is a Line with missing parts.
type Unfinished struct {
	Run, From   string
	Have, Parts int
}

// String formats the sender, the run and the number of parts.
func (u Unfinished) String() string {
	return fmt.Sprintf("%s of run %q: %d of %d parts", u.From, u.Run, u.Have, u.Parts)
}

// Unfinished lists the Lines with missing parts, oldest first. At the end of a log
// they are lost.
func (d *Lines) Unfinished() []Unfinished {
	var list []Unfinished
	for e := d.order.Front(); e != nil; e = e.Next() {
		m := e.Value.(*message)
		list = append(list, Unfinished{m.key.run, m.key.from, len(m.have), m.parts})
	}
	return list
}

// part adds one part, and returns the Line if it is now complete.
func (d *Lines) part(p part, object string) (Line, bool, error) {
	i, n, err := p.position()
	if err != nil {
		return Line{}, false, fmt.Errorf("tagged line: %w: %s", err, excerpt(object))
	}
	m := d.message(messageKey{p.Run, p.From, p.Message}, n)
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

// position parses "2/5".
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

// message returns the unfinished message of a key, which it creates if needed.
func (d *Lines) message(key messageKey, parts int) *message {
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
		return fmt.Errorf("earlier parts have a total of %d", m.parts)
	}
	if had, twice := m.have[i]; twice {
		if had != text {
			return errors.New("received twice, with different text")
		}
		return nil
	}
	m.have[i] = text
	m.cost += len(text) + partCost
	d.held += len(text) + partCost
	if m.cost > maxMessage+maxParts*partCost {
		return fmt.Errorf("more than %d bytes in total", maxMessage)
	}
	return nil
}

func (d *Lines) drop(m *message) {
	d.held -= m.cost
	d.order.Remove(m.at)
	delete(d.open, m.key)
}

// bound discards the oldest unfinished messages while their total size exceeds the
// limit, and reports that in its error.
func (d *Lines) bound() error {
	limit := cmp.Or(d.limit, maxHeld)
	if d.held <= limit {
		return nil
	}
	first := d.order.Front().Value.(*message)
	dropped := 0
	for d.held > limit {
		d.drop(d.order.Front().Value.(*message))
		dropped++
	}
	others := ""
	if dropped > 1 {
		others = fmt.Sprintf(", and %d others", dropped-1)
	}
	return fmt.Errorf("tagged line of %s: discarded with %d of %d parts%s: the unfinished lines exceed %d bytes", first.key.from, len(first.have), first.parts, others, limit)
}

// line assembles the parts.
func (m *message) line() (Line, bool, error) {
	var text strings.Builder
	for i := 1; i <= m.parts; i++ {
		text.WriteString(m.have[i])
	}
	whole := text.String()
	if sum := crc32.ChecksumIEEE([]byte(whole)); sum != m.key.number {
		return Line{}, false, fmt.Errorf("tagged line of %s: its %d parts do not match (CRC-32 %d, want %d)", m.key.from, m.parts, sum, m.key.number)
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
		return Line{}, false, fmt.Errorf("tagged line of %s, in %d parts: the assembled line has another sender, %q", m.key.from, m.parts, l.From)
	}
	return l, true, nil
}

// excerpt quotes the start of a damaged line for an error.
func excerpt(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strconv.Quote(text)
}
