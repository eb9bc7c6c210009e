//go:build linux

package loop

import (
	"bytes"
	"testing"
)

// A backlog that never empties keeps its bytes in order, does not grow without
// end, and moves no byte more than once for each that was sent.
func TestBacklogCompacts(t *testing.T) {
	const piece, waiting, rounds = 1000, 300_000, 3000
	next := byte(0)
	more := func(n int) []byte {
		data := make([]byte, n)
		for i := range data {
			data[i] = next
			next++
		}
		return data
	}
	b := &backlog{data: more(waiting)}
	want, moved, most := byte(0), 0, 0
	for range rounds {
		sent := b.data[b.sent : b.sent+piece]
		expected := make([]byte, piece)
		for i := range expected {
			expected[i] = want
			want++
		}
		if !bytes.Equal(sent, expected) {
			t.Fatal("the bytes are not those that follow")
		}
		b.sent += piece
		before := b.sent
		b.compact()
		if b.sent == 0 && before > 0 {
			moved += b.len()
		}
		b.data = append(b.data, more(piece)...)
		most = max(most, len(b.data))
	}
	if moved > rounds*piece {
		t.Errorf("%d bytes were moved for %d sent", moved, rounds*piece)
	}
	if most > 2*waiting+piece {
		t.Errorf("%d bytes are held for %d that wait", most, waiting)
	}
}
