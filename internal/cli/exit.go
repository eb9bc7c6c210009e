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
	exitNoAnswer = 3 // something did not start, died, could not be reached, or was interrupted
)

// exitError is an error with its exit code. It has no text if the output is sufficient.
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

// usagef returns an error for wrong usage: one line that names the flag and the allowed
// values.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// noAnswerf returns an error for exit code 3.
func noAnswerf(format string, args ...any) error {
	return &exitError{exitNoAnswer, fmt.Errorf(format, args...)}
}

// silent returns an error that ends a command with a code and without a message.
func silent(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// code returns the exit code of an error; by default, no answer.
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
