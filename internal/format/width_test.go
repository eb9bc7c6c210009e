package format

import "testing"

func TestLength(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "epoll": 5, "±1.9% µs …": 10, "服务器": 6, "ｆ": 2, "e\u0301": 1, "서버-1": 6, "한": 2,
	} {
		if got := Length(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

// What is cut is no wider than asked, and both ends are its own.
func TestCutByColumns(t *testing.T) {
	for _, text := range []string{"multiepoll:handoff", "服务器架构比较", "a服b务c器", "e\u0301e\u0301e\u0301e\u0301"} {
		for n := 1; n < 12; n++ {
			if got := Shorten(text, n); Length(got) > n {
				t.Errorf("Shorten(%q, %d) = %q takes %d columns", text, n, got, Length(got))
			}
			if got := First(text, n); Length(got) > n || text[:len(got)] != got {
				t.Errorf("First(%q, %d) = %q", text, n, got)
			}
		}
	}
}

func TestLine(t *testing.T) {
	widths := []int{4, 3}
	for _, test := range []struct {
		cells []string
		want  string
	}{
		{[]string{"a", "1", "end"}, "a      1  end\n"},
		{[]string{"é", "12345", ""}, "é    12345\n"},
		{[]string{"", "1"}, "       1\n"},
	} {
		if got := Line(widths, test.cells...); got != test.want {
			t.Errorf("%q: %q, want %q", test.cells, got, test.want)
		}
	}
}
