//go:build linux

package panel

import (
	tea "charm.land/bubbletea/v2"
)

// changed is the message that there is something new.
type changed struct{}

// model is the state of a panel, as the library wants it.
type model struct {
	read    func(width int) State
	wait    tea.Cmd // for the next change
	colours bool
	keys    bool

	state         State
	width, height int
	scroll        scroll
	shown         string // the last screen
	ended         Key    // what the user asked for; 0: nothing
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return m.wait }

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case changed:
		m.refresh()
		return m, m.wait
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.refresh()
	case tea.ResumeMsg:
		m.refresh()
	case tea.KeyPressMsg:
		return m, m.press(msg.String())
	}
	return m, nil
}

// press does what a key means.
func (m *model) press(key string) tea.Cmd {
	switch key {
	case "q", "Q":
		m.ended = Quit
		return tea.Quit
	case "ctrl+c":
		m.ended = Break
		return tea.Quit
	case "ctrl+z":
		return tea.Suspend
	case "ctrl+l":
		return tea.ClearScreen
	case "up", "k":
		m.scroll.by(-1)
	case "down", "j":
		m.scroll.by(1)
	case "pgup":
		m.scroll.by(-m.scroll.room)
	case "pgdown", "space":
		m.scroll.by(m.scroll.room)
	case "esc":
		m.scroll.free = false
	default:
		return nil
	}
	m.draw()
	return nil
}

// refresh reads the state and draws it.
func (m *model) refresh() {
	if m.width > 0 {
		m.state = m.read(m.width)
		m.draw()
	}
}

func (m *model) draw() {
	v := view{State: m.state, width: m.width, height: m.height, colours: m.colours, keys: m.keys, scroll: &m.scroll}
	m.shown = v.String()
}

// View implements tea.Model.
func (m *model) View() tea.View {
	return tea.View{Content: m.shown, AltScreen: true, DisableBracketedPasteMode: true}
}
