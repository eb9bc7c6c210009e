package plain

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{" ", ""},
		{"epoll:edge 10k", "epoll:edge 10k"},
		{" two  words ", "two words"},
		{"é 世 😀 ±", "é 世 😀 ±"},
		{"a\r\n\tb\x00c", "a bc"},
		{"\x1b[1;31mred\x1b[0m", "red"},
		{"\x1b]0;title\aafter", "after"},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
		{"\x1b\x1b[31m[31mred", "[31mred"}, // what removal leaves is not one either
		{"\x1b]never ended", "]never ended"},
		{"\x1b", ""},
		{"csi \u009b31m and raw \x9b31m", "csi 31m and raw �31m"},
		{"user\u202enimda", "usernimda"},
		{"\u2066a\u2069\u200e\u200f\u061c\u200b\ufeffb\u00ad", "ab"},
		{"a\u2028b\u2029c\u0085d", "a b c d"},
		{"tag \U000e0041", "tag"},
		{"half \xe4\xb8", "half ��"},
	} {
		if got := Line(test.in); got != test.want {
			t.Errorf("%q: %q, want %q", test.in, got, test.want)
		}
		if err := Check(test.want); err != nil {
			t.Errorf("%q: %v", test.want, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for name, want := range map[string]string{
		"a\x1b[31m": "U+001B", "a\u202eb": "U+202E", "a\nb": "U+000A", "\u200f": "U+200F", "a\x9b": "byte 0x9b", "\u009b": "U+009B",
	} {
		if err := Check(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error that names %s", name, err, want)
		}
	}
	for _, name := range []string{"é 世", "�", "a=b", "-x"} {
		if err := Check(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestWriterKeepsLines(t *testing.T) {
	var out bytes.Buffer
	w := Writer{&out}
	for _, text := range []string{"  a\tb\n", "\x1b[2J\r", "c\xc2", "\x9b31m\u202e\n"} {
		if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
	if got, want := out.String(), "  a\tb\nc��31m\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"epoll": "epoll", "-5": "-5", "+1.5e-9": "+1.5e-9", "12": "12", "": "",
		"=1+1": "'=1+1", "-1+cmd|' /C calc'!A0": "'-1+cmd|' /C calc'!A0", "@SUM(A1)": "'@SUM(A1)", "+x": "'+x",
		"\t=1": "'=1", "\r\n=1": "'=1", "\u202e=1": "'=1", "\x1b[0m=1": "'=1", "\"=1": "'\"=1", "＝1": "'＝1",
		"errors;=1": "errors;'=1", "a;-5": "a;'-5", "'=1": "'=1",
		"a=b": "a=b", "p99=5ms": "p99=5ms",
	} {
		if got := Cell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	for _, text := range []string{"plain", "é\u202e\u009b\x7f 😀\U000e0041", "\x1b\n"} {
		coded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		safe := JSON(coded)
		var back string
		if err := json.Unmarshal(safe, &back); err != nil || back != text {
			t.Errorf("%q: %s is %q, %v", text, safe, back, err)
		}
		if err := Check(string(safe)); err != nil {
			t.Errorf("%s: %v", safe, err)
		}
	}
}

// danger finds a character that a terminal or a reader of bidirectional text
// obeys, told apart by other means than the code under test.
func danger(s string) (rune, bool) {
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return r, true
		}
	}
	return 0, false
}

// FuzzLine: whatever comes in, what goes out is one line of valid text that
// no terminal obeys, is not changed by cleaning it again, and keeps every
// printable ASCII word of text without escapes; a cell starts no formula; JSON
// keeps its meaning.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"a b", "\x1b[31m=x", "\u202e-1", "\xc2\x9b\xff", "\x1b]0;t\x1b\\;@x", "é\u0085\u2028", "\x1b\x1b\x1b[[m"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := Line(s)
		if r, is := danger(line); is || !utf8.ValidString(line) || Line(line) != line || Check(line) != nil {
			t.Errorf("%q: %q (%U)", s, line, r)
		}
		if !strings.Contains(s, "\x1b") {
			for word := range strings.FieldsSeq(s) {
				ascii := strings.IndexFunc(word, func(r rune) bool { return r < 0x21 || r > 0x7e }) < 0
				if ascii && !strings.Contains(line, word) {
					t.Errorf("%q: %q lacks %q", s, line, word)
				}
			}
		}
		cell := Cell(s)
		if cell != "" && !number.MatchString(cell) && strings.ContainsAny(cell[:1], "=+-@\t\r") {
			t.Errorf("%q: the cell %q begins a formula", s, cell)
		}
		if r, is := danger(cell); is {
			t.Errorf("%q: the cell %q holds %U", s, cell, r)
		}
		var out bytes.Buffer
		if n, err := (Writer{&out}).Write([]byte(s)); n != len(s) || err != nil {
			t.Error(n, err)
		}
		if r, is := danger(strings.NewReplacer("\n", "", "\t", "").Replace(out.String())); is {
			t.Errorf("%q: %q written, which holds %U", s, &out, r)
		}
		coded, _ := json.Marshal(s)
		var before, after string
		if json.Unmarshal(coded, &before) != nil || json.Unmarshal(JSON(coded), &after) != nil || before != after {
			t.Errorf("%q: JSON says %q, then %q", s, before, after)
		}
	})
}
