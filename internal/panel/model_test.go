//go:build linux

package panel

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// modelOf returns a model whose panel shows what read returns.
func modelOf(read func(int) State) *model {
	return &model{read: read, keys: true, wait: func() tea.Msg { return nil }}
}

func press(m *model, k tea.Key) tea.Cmd {
	_, cmd := m.Update(tea.KeyPressMsg(k))
	return cmd
}

func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	_, is := cmd().(tea.QuitMsg)
	return is
}

// A panel that is resized shows the state of the moment in the new size.
func TestResize(t *testing.T) {
	var widths []int
	m := modelOf(func(width int) State {
		widths = append(widths, width)
		return invented("multiepoll", 3)
	})
	m.Update(changed{})
	if len(widths) != 0 || m.View().Content != "" {
		t.Errorf("read for widths %v before the size is known", widths)
	}
	for i, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 200, Height: 50}, {Width: 40, Height: 10}, {Width: 80, Height: 24}} {
		m.Update(size)
		if len(widths) != i+1 || widths[i] != size.Width {
			t.Errorf("read for widths %v", widths)
		}
		got := m.View()
		want := view{State: invented("multiepoll", 3), width: size.Width, height: size.Height, keys: true, scroll: new(scroll)}.String()
		if got.Content != want || !got.AltScreen {
			t.Errorf("%v: got\n%s\nwant\n%s", size, got.Content, want)
		}
	}
}

// A change is shown, and the next one is waited for.
func TestChange(t *testing.T) {
	title := "one"
	m := modelOf(func(int) State { return State{Title: title} })
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	title = "two"
	m.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	if !strings.HasPrefix(m.View().Content, "one") {
		t.Error("a key reads the state, which may be in the middle of a window")
	}
	if _, cmd := m.Update(changed{}); cmd == nil || !strings.HasPrefix(m.View().Content, "two") {
		t.Errorf("waits %t, shows %q", cmd != nil, m.View().Content)
	}
}

func TestKeys(t *testing.T) {
	for _, test := range []struct {
		key  tea.Key
		want Key
	}{
		{tea.Key{Code: 'q', Text: "q"}, Quit},
		{tea.Key{Code: 'c', Mod: tea.ModCtrl}, Break},
		{tea.Key{Code: 'x', Text: "x"}, 0},
		{tea.Key{Code: tea.KeyEnter}, 0},
	} {
		m := modelOf(func(int) State { return invented("multiepoll", 12) })
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		if cmd := press(m, test.key); m.ended != test.want || quits(cmd) != (test.want != 0) {
			t.Errorf("%v: ends %d, quits %t; want %d", test.key, m.ended, quits(cmd), test.want)
		}
	}
	m := modelOf(func(int) State { return invented("multiepoll", 12) })
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	followed := m.View().Content
	press(m, tea.Key{Code: tea.KeyPgUp})
	if m.View().Content == followed {
		t.Error("PgUp does not scroll")
	}
	press(m, tea.Key{Code: tea.KeyEscape})
	if m.View().Content != followed {
		t.Error("Esc does not follow again")
	}
	if cmd := press(m, tea.Key{Code: 'z', Mod: tea.ModCtrl}); cmd == nil {
		t.Error("Ctrl-Z does not suspend")
	} else if _, is := cmd().(tea.SuspendMsg); !is {
		t.Errorf("Ctrl-Z is %T", cmd())
	}
}
