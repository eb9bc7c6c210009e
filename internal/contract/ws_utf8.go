//go:build linux

package contract

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// texts is the theme of UTF-8: RFC 3629, and RFC 6455, 8.1.
func texts() []Clause {
	const rfc3629 = "https://www.rfc-editor.org/rfc/rfc3629#section-"
	return []Clause{
		{
			ID: "ws.6.valid", Title: "every text that is UTF-8 comes back", Protocols: onlyWebSocket, limit: 2 * time.Minute,
			Why: "A text is UTF-8 over its whole length, whatever its fragments ([5.6](" + rfc + "5.6)): empty fragments, characters cut by fragments, the first and last character of each length, and the code points that are no characters and still valid ([RFC 3629, 3](" + rfc3629 + "3)). Cases 6.1, 6.2, 6.5 to 6.7, 6.9, 6.11, 6.22 and 6.23.",
			run: func(s *scene) error { return s.try(utf8Cases(true)) },
		},
		{
			ID: "ws.6.invalid", Title: "a text that is not UTF-8 gets close code 1007", Protocols: onlyWebSocket, limit: 2 * time.Minute,
			Why: "A text that is not UTF-8 fails the connection ([8.1](" + rfc + "8.1), [7.4.1](" + rfc + "7.4.1)): overlong forms, surrogates, bytes that never occur, characters cut by the end ([RFC 3629, 3 and 10](" + rfc3629 + "10)). A server that sends it back makes each receiver fail. Cases 6.3, 6.6, 6.8 and 6.10 to 6.21; 6.4, which asks that it is noticed before the message ends, is not among them, since the RFC does not.",
			run: func(s *scene) error { return s.try(utf8Cases(false)) },
		},
	}
}

// sequence encodes a number as UTF-8's scheme would in so many bytes, be it
// allowed or not: RFC 3629 has at most four, and the shortest alone.
func sequence(n uint32, size int) string {
	if size == 1 {
		return string([]byte{byte(n)})
	}
	b := make([]byte, size)
	for i := size - 1; i > 0; i-- {
		b[i] = 0x80 | byte(n&0x3f)
		n >>= 6
	}
	b[0] = byte(0xff<<(8-size)) | byte(n)
	return string(b)
}

// utf8Text is a text of a section, whole.
type utf8Text struct {
	section int
	text    string
}

// utf8Texts are the texts of the sections 6.5 to 6.23.
func utf8Texts() []utf8Text {
	var list []utf8Text
	add := func(section int, texts ...string) {
		for _, text := range texts {
			list = append(list, utf8Text{section, text})
		}
	}
	const greek = "κ\u1f79σμε" // letters of two and of three bytes
	add(5, "hello$world", "hello¢world", "hello€world", "hello𤭢world", greek)
	for i := range len(greek) {
		add(6, greek[:i+1])
	}
	add(7, sequence(0, 1), sequence(0x80, 2), sequence(0x800, 3), sequence(0x10000, 4))
	add(8, sequence(0x200000, 5), sequence(0x4000000, 6))
	add(9, sequence(0x7f, 1), sequence(0x7ff, 2), sequence(0xffff, 3), sequence(0x10ffff, 4))
	add(10, sequence(0x1fffff, 4), sequence(0x3ffffff, 5), sequence(0x7fffffff, 6))
	add(11, sequence(0xd7ff, 3), sequence(0xe000, 3), sequence(0xfffd, 3), sequence(0x10ffff, 4), sequence(0x110000, 4))

	add(12, "\x80", "\xbf")
	for n := 2; n <= 6; n++ {
		add(12, ("\x80\xbf\x80\xbf\x80\xbf")[:n])
	}
	var continuations []byte
	for b := 0x80; b < 0xbf; b++ {
		continuations = append(continuations, byte(b))
	}
	add(12, string(continuations))
	for _, starts := range [][2]int{{0xc0, 0xdf}, {0xe0, 0xef}, {0xf0, 0xf7}, {0xf8, 0xfb}, {0xfc, 0xfd}} {
		var lonely []byte
		for b := starts[0]; b < starts[1]; b++ {
			lonely = append(lonely, byte(b), ' ')
		}
		add(13, string(lonely))
	}
	all := ""
	for _, n := range []uint32{0, 0x7fffffff} {
		for size := 2; size <= 6; size++ {
			cut := sequence(n&(1<<(5*size+1)-1), size)[:size-1] // of the largest there is
			add(14, cut)
			all += cut
		}
	}
	add(15, all)
	add(16, "\xfe", "\xff", "\xfe\xfe\xff\xff")
	for size := 2; size <= 6; size++ {
		add(17, sequence('/', size))
	}
	for size, most := range []uint32{0x7f, 0x7ff, 0xffff, 0x1fffff, 0x3ffffff} {
		add(18, sequence(most, size+2))
	}
	for size := 2; size <= 6; size++ {
		add(19, sequence(0, size))
	}
	for _, n := range []uint32{0xd800, 0xdb7f, 0xdb80, 0xdbff, 0xdc00, 0xdf80, 0xdfff} {
		add(20, sequence(n, 3))
	}
	for _, high := range []uint32{0xd800, 0xdb7f, 0xdb80, 0xdbff} {
		for _, low := range []uint32{0xdc00, 0xdfff} {
			add(21, sequence(high, 3)+sequence(low, 3))
		}
	}
	for plane := rune(0); plane <= 16; plane++ { // the last two of each plane are no characters
		add(22, string(plane<<16|0xfffe), string(plane<<16|0xffff))
	}
	for r := rune(0xfff9); r <= 0xffff; r++ {
		add(23, string(r))
	}
	return list
}

// utf8Cases are the cases whose text is UTF-8, or those whose is not.
func utf8Cases(valid bool) []wsCase {
	var cases []wsCase
	add := func(id, content, did string, writes writes) {
		if utf8.ValidString(content) != valid {
			return
		}
		k := wsCase{id: id, did: did, writes: writes}
		if valid {
			k.want = []frame{text(content)}
		} else {
			k.fails = []uint16{1007}
		}
		cases = append(cases, k)
	}
	const (
		hello = "Hello-µ@ßöäüàá-UTF-8!!"
		greek = "κ\u1f79σμε"
		wrong = greek + "\xed\xa0\x80edited"
	)
	add("6.1.1", "", "an empty text was sent", joined(text("")))
	add("6.1.2", "", "a text in three empty fragments was sent", joined(part(opText, "", false), part(opContinuation, "", false), part(opContinuation, "", true)))
	add("6.1.3", "middle", "a text in three fragments, the first and last empty, was sent", joined(part(opText, "", false), part(opContinuation, "middle", false), part(opContinuation, "", true)))
	add("6.2.1", hello, "a text was sent", joined(text(hello)))
	add("6.2.2", hello, "a text in two fragments was sent", joined(part(opText, hello[:12], false), part(opContinuation, hello[12:], true)))
	add("6.2.3", hello, "a text in fragments of one byte was sent", inFragments(text(hello), 1))
	add("6.2.4", greek, "a text in fragments of one byte was sent", inFragments(text(greek), 1))
	add("6.3.1", wrong, "a text with a surrogate was sent", joined(text(wrong)))
	add("6.3.2", wrong, "a text with a surrogate in fragments of one byte was sent", inFragments(text(wrong), 1))
	index, section := 0, 0
	for _, t := range utf8Texts() {
		if index++; t.section != section {
			index, section = 1, t.section
		}
		add(fmt.Sprintf("6.%d.%d", section, index), t.text, fmt.Sprintf("a text of the bytes %x was sent", t.text), joined(text(t.text)))
	}
	return cases
}
