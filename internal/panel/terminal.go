//go:build linux

package panel

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Usable returns why a terminal cannot show a panel; nil if it can.
func Usable(terminal *os.File) error {
	if os.Getenv("TERM") == "dumb" {
		return errors.New("TERM is dumb")
	}
	// A process in the background that changes the mode of its terminal is stopped.
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	if err == nil && group != unix.Getpgrp() { // an error: not the controlling terminal, which stops nobody
		return errors.New("this process runs in the background")
	}
	return nil
}
