//go:build linux

package cli

import (
	"io"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/panel"
)

// The forms of progress on stderr.
const (
	progressPanel = "panel"
	progressLine  = "line"
	progressNone  = "none"
)

var progressForms = []string{progressPanel, progressLine, progressNone}

// progressFlags choose how progress is shown.
type progressFlags struct {
	form  string // empty: the terminal decides
	quiet bool   // the same as the form none
}

func (p *progressFlags) declare(flags *pflag.FlagSet) {
	p.declareForm(flags)
	flags.BoolVarP(&p.quiet, "quiet", "q", false, "no progress on stderr, as -progress none")
}

func (p *progressFlags) declareForm(flags *pflag.FlagSet) {
	flags.StringVar(&p.form, "progress", "", "`FORM` "+orList(progressForms)+" (default: panel on a terminal)")
}

// check refuses forms that do not exist or contradict each other.
func (p progressFlags) check(given func(string) bool) error {
	if given("progress") {
		if err := oneOf("progress", p.form, progressForms...); err != nil {
			return err
		}
	}
	if p.quiet && p.form != "" && p.form != progressNone {
		return usagef("-q cannot be combined with -progress %s", p.form)
	}
	return nil
}

// ofClient is check for a client, whose lines have an interval. To choose it is to choose lines,
// unless a panel is asked for.
func (p *progressFlags) ofClient(given func(string) bool, interval time.Duration, format string) error {
	if err := p.check(given); err != nil {
		return err
	}
	switch {
	case format == "lines" && p.form != "" && p.form != progressNone:
		return usagef("-progress %s cannot be combined with -format lines, which has its own", p.form)
	case format == "lines":
		p.form = progressNone
	case p.form == progressLine && interval == 0:
		return usagef("-interval 0 cannot be combined with -progress line")
	case p.form == "" && interval == 0:
		p.form = progressNone
	case p.form == "" && given("interval"):
		p.form = progressLine
	}
	return nil
}

// on returns the form for a stderr. A panel that was asked for and cannot be shown is an error.
func (p progressFlags) on(stderr io.Writer) (string, error) {
	terminal, _ := terminalOf(stderr)
	switch {
	case p.quiet:
		return progressNone, nil
	case p.form == progressPanel && terminal == nil:
		return "", usagef("-progress panel: stderr is not a terminal; use -progress line")
	case p.form == progressPanel:
		if err := panel.Usable(terminal); err != nil {
			return "", usagef("-progress panel: %w; use -progress line", err)
		}
		return progressPanel, nil
	case p.form != "":
		return p.form, nil
	case terminal == nil || panel.Usable(terminal) != nil || !wantsColours():
		return progressLine, nil
	}
	return progressPanel, nil
}
