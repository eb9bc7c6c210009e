//go:build linux

package workload

import (
	"errors"
	"fmt"
	"strings"
)

// flagError is an error that names flags. In its format each stands in braces: a command
// may have another name for a flag that takes a list (Flag.Listed).
type flagError struct {
	format string
	args   []any
}

func flagErrorf(format string, args ...any) error { return flagError{format, args} }

func (e flagError) Error() string { return e.named(func(f Flag) string { return f.Name }).Error() }

func (e flagError) Unwrap() error { return errors.Unwrap(fmt.Errorf(e.format, e.args...)) }

// named returns the error with names for the flags.
func (e flagError) named(name func(Flag) string) error {
	format := e.format
	for _, f := range table() {
		format = strings.ReplaceAll(format, "{"+f.Name+"}", "-"+name(f))
	}
	return fmt.Errorf(format, e.args...)
}

// InLists returns an error of this package for a command whose flags take lists, with the
// names that the flags have there. Any other error stays as it is.
func InLists(err error) error {
	var e flagError
	if !errors.As(err, &e) {
		return err
	}
	return e.named(Flag.InLists)
}

// InLists returns the name of the flag in a command whose flags take lists.
func (f Flag) InLists() string {
	if f.Listed != "" {
		return f.Listed
	}
	return f.Name
}
