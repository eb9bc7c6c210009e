package cli

import "github.com/spf13/pflag"

// spellings are names for the same flag: singular if it has one value, plural for a list. A
// command declares one of them and accepts the others.
var spellings = [][]string{
	{"conn", "conns"},
	{"rate", "rates"},
	{"mode", "modes"},
	{"out", "output"},
}

// acceptSpellings makes flags accept the other spellings of their names.
func acceptSpellings(flags *pflag.FlagSet) {
	known := make(map[string]pflag.NormalizedName)
	for _, words := range spellings {
		for _, own := range words {
			if flags.Lookup(own) == nil {
				continue
			}
			for _, other := range words {
				if flags.Lookup(other) == nil {
					known[other] = pflag.NormalizedName(own)
				}
			}
		}
	}
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if own, is := known[name]; is {
			return own
		}
		return pflag.NormalizedName(name)
	})
}

// longNames returns all names of flags, except those that only a harness uses.
func longNames(flags *pflag.FlagSet) []string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	for _, words := range spellings {
		for _, word := range words {
			if f := flags.Lookup(word); f != nil && f.Name != word {
				names = append(names, word)
			}
		}
	}
	return names
}
