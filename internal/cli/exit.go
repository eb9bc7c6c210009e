//go:build linux

package cli

import (
	"errors"
	"fmt"
)

// The exit codes of every command.
const (
	exitOK       = 0
	exitNo       = 1 // the answer is no: a failed check, an obstacle
	exitUsage    = 2 // wrong usage, or input that cannot be read
	exitNoAnswer = 3 // something did not start, died, was not reached, was interrupted
)

// exitError is an error with the exit code it leads to. Without a text the
// output has said all there is to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef is wrong usage: one line that names the flag and what is allowed.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// noAnswerf is why there is no answer.
func noAnswerf(format string, args ...any) error {
	return &exitError{exitNoAnswer, fmt.Errorf(format, args...)}
}

// silent ends a command with a code and no further word.
func silent(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// code is the exit code of an error: one without a code means no answer.
func code(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	}
	return exitNoAnswer
}
