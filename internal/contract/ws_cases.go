//go:build linux

package contract

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// rfc is RFC 6455, up to the number of a section.
const rfc = "https://www.rfc-editor.org/rfc/rfc6455#section-"

// wsClause is a clause that is a table of cases.
func wsClause(id, title, why string, cases func() []wsCase) Clause {
	return Clause{
		ID: id, Title: title, Why: why, Protocols: onlyWebSocket, limit: 2 * time.Minute,
		run: func(s *scene) error { return s.try(cases()) },
	}
}

// framesAndPings is the theme of frames, by the sections 1 to 5 of Autobahn's test
// suite.
func framesAndPings() []Clause {
	return []Clause{
		wsClause("ws.1.1", "texts of 0 to 65,536 bytes come back", "A frame's length takes 1, 3 or 9 bytes ([5.2]("+rfc+"5.2)); the sizes are those around the changes, and one message comes in pieces.",
			func() []wsCase { return framing("1.1", opText) }),
		wsClause("ws.1.2", "binary messages of 0 to 65,536 bytes come back", "As `ws.1.1`, with the opcode of binary messages ([5.6]("+rfc+"5.6)).",
			func() []wsCase { return framing("1.2", opBinary) }),
		wsClause("ws.2", "pings are answered, pongs are not", "A pong carries the ping's bytes, and of several pings the last has to be answered ([5.5.2, 5.5.3]("+rfc+"5.5.2)). A control frame has at most 125 bytes ([5.5]("+rfc+"5.5)).", pings),
		wsClause("ws.3", "a reserved bit fails the connection", "Without an extension the three bits after FIN are 0 ([5.2]("+rfc+"5.2)): a server that ignores them takes a compressed message for a plain one.", reservedBits),
		wsClause("ws.4.1", "reserved opcodes of data fail the connection", "The opcodes 3 to 7 have no meaning, and an unknown one must fail the connection ([5.2]("+rfc+"5.2)).",
			func() []wsCase { return reservedOpcodes("4.1", 3) }),
		wsClause("ws.4.2", "reserved control opcodes fail the connection", "As `ws.4.1`, with the opcodes 11 to 15 ([5.2]("+rfc+"5.2)).",
			func() []wsCase { return reservedOpcodes("4.2", 11) }),
		wsClause("ws.5", "fragments are joined, pings go between them", "A message may come in fragments, and control frames between them; control frames are not fragmented, and a fragment without a message, or a message within one, fails the connection ([5.4]("+rfc+"5.4)).", fragments),
	}
}

// closings is the theme of the closing handshake, by section 7.
func closings() []Clause {
	return []Clause{
		wsClause("ws.7.1", "a close frame is answered, and is the last", "An endpoint that receives a close frame answers it and sends nothing more; the server closes the connection first ([5.5.1]("+rfc+"5.5.1), [7.1.1]("+rfc+"7.1.1)).", closingHandshake),
		wsClause("ws.7.3", "close frames with and without a reason", "A close frame is empty, or has a code of two bytes and a reason; one byte is neither ([5.5.1]("+rfc+"5.5.1)).", closeFrames),
		wsClause("ws.7.5", "a reason that is not UTF-8 is a failure", "The reason is text ([5.5.1]("+rfc+"5.5.1), [8.1]("+rfc+"8.1)).", badReason),
		wsClause("ws.7.7", "close codes that are defined are answered", "The codes of the protocol and the ranges for libraries and applications ([7.4]("+rfc+"7.4)).", goodCodes),
		wsClause("ws.7.9", "close codes that are not fail the connection", "Codes below 1000, those that must not be sent, and those of the protocol that are not defined ([7.4]("+rfc+"7.4)).", badCodes),
	}
}

// limits is the theme of large and many messages, by the sections 9 and 10.
func limits() []Clause {
	return []Clause{
		wsClause("ws.9.1", "texts of 64 KiB to 16 MiB come back", "Up to 1 MiB, the longest message that is measured with, comes back. A server may have a limit above, and then says so with close code 1009 ([10.4]("+rfc+"10.4), [7.4.1]("+rfc+"7.4.1)), which is a note.",
			func() []wsCase { return large("9.1", opText) }),
		wsClause("ws.9.2", "binary messages of 64 KiB to 16 MiB come back", "As `ws.9.1` ([10.4]("+rfc+"10.4)).",
			func() []wsCase { return large("9.2", opBinary) }),
		wsClause("ws.9.3", "a text of 1 and 4 MiB in fragments comes back", "Fragments of 64 bytes to 4 MiB ([5.4]("+rfc+"5.4)). A server may refuse 4 MiB as in `ws.9.1`. 1 MiB is ours: Autobahn has 4 MiB alone.",
			func() []wsCase { return largeInFragments("9.3", opText) }),
		wsClause("ws.9.4", "a binary message of 1 and 4 MiB in fragments", "As `ws.9.3` ([5.4]("+rfc+"5.4)).",
			func() []wsCase { return largeInFragments("9.4", opBinary) }),
		wsClause("ws.9.5", "a text of 1 MiB in pieces comes back", "Pieces of 64 bytes to 2 KiB: a read may end anywhere ([5.2]("+rfc+"5.2), and TCP keeps no boundaries).",
			func() []wsCase { return largeInChops("9.5", opText) }),
		wsClause("ws.9.6", "a binary message of 1 MiB in pieces comes back", "As `ws.9.5` ([5.2]("+rfc+"5.2)).",
			func() []wsCase { return largeInChops("9.6", opBinary) }),
		wsClause("ws.9.7", "1,000 texts, one after another, of each size", "Sizes of 0 to 4,096 bytes ([5.6]("+rfc+"5.6)): nothing of one message may end up in the next.",
			func() []wsCase { return many("9.7", opText) }),
		wsClause("ws.9.8", "1,000 binary messages, one after another", "As `ws.9.7` ([5.6]("+rfc+"5.6)).",
			func() []wsCase { return many("9.8", opBinary) }),
		wsClause("ws.10.1", "a text in fragments of 1,300 bytes comes back", "65,536 bytes in fragments of the size of a packet, as sent by a library that fragments by itself ([5.4]("+rfc+"5.4)).", autoFragments),
	}
}

// message is a message of size bytes; texts are ASCII.
func messageOf(opcode byte, size int) frame {
	if opcode == opText {
		return text(strings.Repeat("*", size))
	}
	return binaryOf(streamAt(size, size))
}

// kind is a message's opcode in words.
func kind(opcode byte) string {
	if opcode == opText {
		return "a text"
	}
	return "a binary message"
}

// numbered gives cases the numbers of a section.
func numbered(section string, cases []wsCase) []wsCase {
	for i := range cases {
		if cases[i].id == "" {
			cases[i].id = fmt.Sprintf("%s.%d", section, i+1)
		}
	}
	return cases
}

func framing(section string, opcode byte) []wsCase {
	var cases []wsCase
	for _, size := range []int{0, 125, 126, 127, 128, 65535, 65536} {
		m := messageOf(opcode, size)
		cases = append(cases, wsCase{did: fmt.Sprintf("%s of %d bytes was sent", kind(opcode), size), writes: joined(m), want: []frame{m}})
	}
	m := messageOf(opcode, 65536)
	cases = append(cases, wsCase{did: fmt.Sprintf("%s of 65536 bytes was sent in pieces of 997 bytes", kind(opcode)), writes: chopped(997, m), want: []frame{m}})
	return numbered(section, cases)
}

var protocolError = []uint16{1002}

func pings() []wsCase {
	const odd = "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
	long := strings.Repeat("\xfe", 125)
	var ten, tenPongs []frame
	for i := range 10 {
		ten = append(ten, ping(fmt.Sprintf("payload-%d", i)))
		tenPongs = append(tenPongs, pong(fmt.Sprintf("payload-%d", i)))
	}
	return numbered("2", []wsCase{
		{did: "a ping without payload was sent", writes: joined(ping("")), want: []frame{pong("")}},
		{did: "a ping was sent", writes: joined(ping("Hello")), want: []frame{pong("Hello")}},
		{did: "a ping whose payload is not UTF-8 was sent", writes: joined(ping(odd)), want: []frame{pong(odd)}},
		{did: "a ping of 125 bytes was sent", writes: joined(ping(long)), want: []frame{pong(long)}},
		{did: "a ping of 126 bytes was sent", writes: joined(ping(long + "\xfe")), fails: protocolError},
		{did: "a ping of 125 bytes was sent byte by byte", writes: chopped(1, ping(long)), want: []frame{pong(long)}},
		{did: "a pong without payload was sent", writes: joined(pong(""))},
		{did: "a pong was sent", writes: joined(pong("unasked"))},
		{did: "a pong and a ping were sent", writes: joined(pong("unasked"), ping("asked")), want: []frame{pong("asked")}},
		{did: "10 pings were sent", writes: apart(ten...), want: tenPongs},
		{did: "10 pings were sent byte by byte", writes: chopped(1, ten...), want: tenPongs},
	})
}

func reservedBits() []wsCase {
	hello := text("Hello, world!")
	with := func(f frame, bits byte) frame { f.rsv = bits; return f }
	sent := func(f frame, bits byte) []frame { return []frame{hello, with(f, bits), ping("")} }
	return numbered("3", []wsCase{
		{did: "a text with reserved bits 1 was sent", writes: joined(with(hello, 1)), fails: protocolError},
		{did: "a text, one with reserved bits 2 and a ping were sent", writes: joined(sent(hello, 2)...), want: []frame{hello}, fails: protocolError},
		{did: "a text, one with reserved bits 3 and a ping were sent one by one", writes: apart(sent(hello, 3)...), want: []frame{hello}, fails: protocolError},
		{did: "a text, one with reserved bits 4 and a ping were sent byte by byte", writes: chopped(1, sent(hello, 4)...), want: []frame{hello}, fails: protocolError},
		{did: "a binary message with reserved bits 5 was sent", writes: joined(with(binaryOf(streamAt(5, 13)), 5)), fails: protocolError},
		{did: "a ping with reserved bits 6 was sent", writes: joined(with(ping("Hello"), 6)), fails: protocolError},
		{did: "a close frame with reserved bits 7 was sent", writes: joined(with(closing(1000, ""), 7)), fails: protocolError},
	})
}

func reservedOpcodes(section string, first byte) []wsCase {
	hello := text("Hello, world!")
	odd := func(i byte, payload string) frame { return part(first+i, payload, true) }
	did := func(i byte, how string) string {
		return fmt.Sprintf("a text, a frame of opcode %d and a ping were sent%s", first+i, how)
	}
	return numbered(section, []wsCase{
		{did: fmt.Sprintf("a frame of opcode %d without payload was sent", first), writes: joined(odd(0, "")), fails: protocolError},
		{did: fmt.Sprintf("a frame of opcode %d was sent", first+1), writes: joined(odd(1, "reserved")), fails: protocolError},
		{did: did(2, ""), writes: joined(hello, odd(2, ""), ping("")), want: []frame{hello}, fails: protocolError},
		{did: did(3, ""), writes: joined(hello, odd(3, "reserved"), ping("")), want: []frame{hello}, fails: protocolError},
		{did: did(4, " byte by byte"), writes: chopped(1, hello, odd(4, "reserved"), ping("")), want: []frame{hello}, fails: protocolError},
	})
}

func fragments() []wsCase {
	a, b := part(opText, "fragment1", false), part(opContinuation, "fragment2", true)
	whole := text("fragment1fragment2")
	between := []frame{a, ping("between"), b}
	both := []frame{pong("between"), whole}
	none := func(fin bool) []frame {
		return []frame{part(opContinuation, "of nothing", fin), text("Hello, world!")}
	}
	long := []frame{
		part(opText, "fragment1", false), part(opContinuation, "fragment2", false), ping("pongme 1!"),
		part(opContinuation, "fragment3", false), part(opContinuation, "fragment4", false), ping("pongme 2!"), part(opContinuation, "fragment5", true),
	}
	longBack := []frame{pong("pongme 1!"), pong("pongme 2!"), text("fragment1fragment2fragment3fragment4fragment5")}
	ways := func(did string, frames, want []frame, fails []uint16) []wsCase {
		return []wsCase{
			{did: did, writes: joined(frames...), want: want, fails: fails},
			{did: did + " one by one", writes: apart(frames...), want: want, fails: fails},
			{did: did + " byte by byte", writes: chopped(1, frames...), want: want, fails: fails},
		}
	}
	cases := []wsCase{
		{did: "a ping in two fragments was sent", writes: joined(part(opPing, "frag", false), part(opContinuation, "ment", true)), fails: protocolError},
		{did: "a pong in two fragments was sent", writes: joined(part(opPong, "frag", false), part(opContinuation, "ment", true)), fails: protocolError},
	}
	cases = append(cases, ways("a text in two fragments was sent", []frame{a, b}, []frame{whole}, nil)...)
	cases = append(cases, ways("a text in two fragments, a ping between them, was sent", between, both, nil)...)
	cases = append(cases, ways("a last fragment of no message and a text were sent", none(true), nil, protocolError)...)
	cases = append(cases, ways("a fragment of no message and a text were sent", none(false), nil, protocolError)...)
	cases = append(cases,
		wsCase{did: "a text in two fragments, a fragment of no message and a text were sent", writes: joined(append([]frame{a, b}, none(false)...)...), want: []frame{whole}, fails: protocolError},
		wsCase{did: "a fragment of no message and a text in two fragments were sent, twice", writes: joined(none(false)[0], a, b, none(false)[0], a, b), fails: protocolError},
		wsCase{did: "a last fragment of no message and a text in two fragments were sent, twice", writes: joined(none(true)[0], a, b, none(true)[0], a, b), fails: protocolError},
		wsCase{did: "a text was sent within a text in fragments", writes: joined(a, text("fragment2")), fails: protocolError},
		wsCase{did: "a text in five fragments with pings between them was sent one by one", writes: apart(long...), want: longBack},
		wsCase{did: "a text in five fragments with pings between them was sent", writes: joined(long...), want: longBack},
	)
	return numbered("5", cases)
}

// anyCode is what may answer a close frame without a code.
var anyCode = []uint16{1000, 1005}

func closingHandshake() []wsCase {
	hello, normal := text("Hello, world!"), closing(1000, "")
	ok := []uint16{1000}
	return numbered("7.1", []wsCase{
		{did: "a text and a close frame were sent", writes: joined(hello, normal), want: []frame{hello}, closes: ok, tidy: true},
		{did: "two close frames were sent", writes: joined(normal, normal), closes: ok, tidy: true},
		{did: "a close frame and a ping were sent", writes: joined(normal, ping("")), closes: ok, tidy: true},
		{did: "a close frame and a text were sent", writes: joined(normal, hello), closes: ok, tidy: true},
		{did: "a fragment, a close frame and the last fragment were sent", writes: joined(part(opText, "fragment1", false), normal, part(opContinuation, "fragment2", true)), closes: ok, tidy: true},
		{did: "a text of 256 KiB, another, a close frame and a ping were sent", writes: joined(messageOf(opText, 256<<10), hello, normal, ping("")), want: []frame{messageOf(opText, 256<<10), hello}, closes: ok},
	})
}

func closeFrames() []wsCase {
	return numbered("7.3", []wsCase{
		{did: "a close frame without payload was sent", writes: joined(part(opClose, "", true)), closes: anyCode},
		{did: "a close frame of 1 byte was sent", writes: joined(part(opClose, "a", true)), fails: protocolError},
		{did: "a close frame with code 1000 was sent", writes: joined(closing(1000, "")), closes: []uint16{1000}},
		{did: "a close frame with code 1000 and a reason was sent", writes: joined(closing(1000, "Hello, world!")), closes: []uint16{1000}},
		{did: "a close frame with a reason of 123 bytes was sent", writes: joined(closing(1000, strings.Repeat("*", 123))), closes: []uint16{1000}},
		{did: "a close frame with a reason of 124 bytes was sent", writes: joined(closing(1000, strings.Repeat("*", 124))), fails: protocolError},
	})
}

func badReason() []wsCase {
	return []wsCase{{id: "7.5.1", did: "a close frame whose reason is not UTF-8 was sent", writes: joined(closing(1000, "Hello \xce\xba\xed\xa0\x80edited")), fails: []uint16{1007, 1002}}}
}

func goodCodes() []wsCase {
	var cases []wsCase
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		cases = append(cases, wsCase{did: fmt.Sprintf("a close frame with code %d was sent", code), writes: joined(closing(code, "")), closes: []uint16{code, 1000}})
	}
	return numbered("7.7", cases)
}

func badCodes() []wsCase {
	var cases []wsCase
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999} {
		cases = append(cases, wsCase{did: fmt.Sprintf("a close frame with code %d was sent", code), writes: joined(closing(code, "")), fails: protocolError})
	}
	return numbered("7.9", cases)
}

// measured is the longest message that a load has.
const measured = 1 << 20

func large(section string, opcode byte) []wsCase {
	var cases []wsCase
	for _, size := range []int{64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20} {
		m := messageOf(opcode, size)
		cases = append(cases, wsCase{did: fmt.Sprintf("%s of %d bytes was sent", kind(opcode), size), writes: joined(m), want: []frame{m}, big: size > measured})
	}
	return numbered(section, cases)
}

func largeInFragments(section string, opcode byte) []wsCase {
	var cases []wsCase
	add := func(id string, size, fragment int) {
		m := messageOf(opcode, size)
		cases = append(cases, wsCase{
			id: id, did: fmt.Sprintf("%s of %d bytes was sent in fragments of %d", kind(opcode), size, fragment),
			writes: inFragments(m, fragment), want: []frame{m}, big: size > measured,
		})
	}
	for i, fragment := range []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20} {
		add(fmt.Sprintf("%s.%d", section, i+1), 4<<20, fragment)
	}
	for _, fragment := range []int{64, 4 << 10, 256 << 10} {
		add(section+" of 1 MiB", 1<<20, fragment)
	}
	return cases
}

func largeInChops(section string, opcode byte) []wsCase {
	var cases []wsCase
	m := messageOf(opcode, 1<<20)
	for _, size := range []int{64, 128, 256, 512, 1024, 2048} {
		cases = append(cases, wsCase{did: fmt.Sprintf("%s of 1 MiB was sent in pieces of %d bytes", kind(opcode), size), writes: chopped(size, m), want: []frame{m}})
	}
	return numbered(section, cases)
}

func many(section string, opcode byte) []wsCase {
	var cases []wsCase
	for _, size := range []int{0, 16, 64, 256, 1024, 4096} {
		m := messageOf(opcode, size)
		thousand := slices.Repeat([]frame{m}, 1000)
		cases = append(cases, wsCase{did: fmt.Sprintf("1000 messages of %d bytes were sent", size), writes: apart(thousand...), want: thousand})
	}
	return numbered(section, cases)
}

func autoFragments() []wsCase {
	m := messageOf(opText, 65536)
	return []wsCase{{id: "10.1.1", did: "a text of 65536 bytes was sent in fragments of 1300", writes: inFragments(m, 1300), want: []frame{m}}}
}
