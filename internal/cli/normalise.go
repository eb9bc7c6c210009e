// Package cli is the command line: it turns flags into a plain configuration, and passes that
// to a function that runs. It does not measure, serve or judge.
package cli

import (
	"strings"

	"github.com/spf13/pflag"
)

// Normalise adds the second dash, required by pflag, to long flags with one dash, as in Go's
// flag package: pflag alone would read -mode as -m -o -d -e. Shorthands (-c 50, -c=50, -c50),
// values, even those that begin with a dash, and everything after -- are unchanged. The result
// has as many arguments as args.
func Normalise(args []string, flags *pflag.FlagSet) []string {
	out := make([]string, len(args))
	copy(out, args)
	for i := 0; i < len(out); i++ {
		arg := out[i]
		if arg == "--" {
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			continue
		}
		if isLong(arg, flags) && arg[1] != '-' {
			arg = "-" + arg
			out[i] = arg
		}
		if wantsNext(arg, flags) {
			i++ // a value, even if it begins with a dash
		}
	}
	return out
}

// isLong reports whether an argument with a dash is a long flag: a known one, or one that
// cannot be shorthands either, so that the error names all of it.
func isLong(arg string, flags *pflag.FlagSet) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if len(name) < 2 {
		return false
	}
	return flags.Lookup(name) != nil || !isShort(name, flags)
}

// isShort reports whether letters are shorthands, of which the last may have a value. Only a
// flag of text can have a word as value, as in -oFILE, and only if that is not another flag
// misspelled: -conss is not -c onss, -ouput is not -o uput.
func isShort(letters string, flags *pflag.FlagSet) bool {
	for i := range len(letters) {
		f := shorthand(letters[i:i+1], flags)
		if f == nil {
			return false
		}
		if f.NoOptDefVal != "" {
			continue
		}
		if i == len(letters)-1 || !isLetter(letters[i+1]) {
			return true
		}
		return f.Value.Type() == "string" && nearest(letters, longNames(flags)) == ""
	}
	return true
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// wantsNext reports whether the value of the flag in arg is the next argument.
func wantsNext(arg string, flags *pflag.FlagSet) bool {
	if long, ok := strings.CutPrefix(arg, "--"); ok {
		f := flags.Lookup(long)
		return f != nil && f.NoOptDefVal == ""
	}
	letters := arg[1:]
	for i := range len(letters) {
		f := shorthand(letters[i:i+1], flags)
		if f == nil {
			return false
		}
		if f.NoOptDefVal == "" {
			return i == len(letters)-1
		}
	}
	return false
}

// shorthand returns the flag of one letter; nil if there is none. pflag panics unless it is
// one byte of ASCII.
func shorthand(letter string, flags *pflag.FlagSet) *pflag.Flag {
	if letter[0] >= 0x80 {
		return nil
	}
	return flags.ShorthandLookup(letter)
}
